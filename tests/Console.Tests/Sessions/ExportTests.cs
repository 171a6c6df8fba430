using Handrail.Host;
using Handrail.Shell.Display;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Sessions;

/// <summary>The Sessions page's view as a file.</summary>
public sealed class ExportTests
{
    [Theory, Databases]
    public async Task A_view_is_exported_and_what_agents_wrote_is_never_a_formula(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk", title = "=cmd|'/c calc'!A1", user = "ann, \"the\" first" })).Expect(200);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-2", new { agent = "other" })).Expect(200);

        using var answer = await host.Admin.GetAsync("/api/v1/export/sessions.csv?agent=desk");
        var lines = (await answer.Content.ReadAsStringAsync()).TrimStart('\uFEFF').Split("\r\n");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith(".csv", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'), StringComparison.Ordinal);
        Assert.StartsWith("session,title,state,agent", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("s-1,\"'=cmd|'/c calc'!A1\",running,desk,\"ann, \"\"the\"\" first\",0,0", lines[1], StringComparison.Ordinal);
        Assert.Equal(["", 3], new object[] { lines[^1], lines.Length });
    }

    [Fact]
    public async Task The_file_is_for_people_who_may_look()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        (await host.Anonymous.ReadAsync("/api/v1/export/sessions.csv")).Expect(401);
        (await host.Agent.ReadAsync("/api/v1/export/sessions.csv")).Expect(403);
    }

    [Theory]
    [InlineData("-12.5", "-12.5")]
    [InlineData("-1+2", "\"'-1+2\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("a;b", "\"a;b\"")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    public void A_cell_is_shown_and_never_run(string text, string cell) => Assert.Equal(cell, CsvCell.Of(text));
}
