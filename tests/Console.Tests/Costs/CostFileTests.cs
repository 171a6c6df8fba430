using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Costs;

/// <summary>What was spent, as a file.</summary>
public sealed class CostFileTests
{
    [Theory, Databases]
    public async Task What_was_spent_is_a_file_by_day_and_name_and_no_name_is_a_formula(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.PostAsync("/api/v1/costs", new
        {
            events = new[]
            {
                new { id = "c-1", session_id = "s-1", agent = "desk", kind = "tool", name = "=cmd|'/c calc'!A1", amount = 1.5m, currency = "USD" },
                new { id = "c-2", session_id = "s-1", agent = "desk", kind = "tool", name = "search", amount = 2.25m, currency = "USD" },
                new { id = "c-3", session_id = "s-2", agent = "clerk", kind = "human", name = "review", amount = 4m, currency = "EUR" },
            },
        })).Expect(200);

        using var answer = await host.Admin.GetAsync("/api/v1/export/costs.csv?by=tool&range=7");
        var lines = (await answer.Content.ReadAsStringAsync()).TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var narrowed = await host.Admin.GetStringAsync("/api/v1/export/costs.csv?by=agent&range=7&tool=search");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("day,tool,cost_usd,unpriced_calls,calls,input_tokens,output_tokens,cached_tokens,cache_write_tokens", lines[0]);
        Assert.Equal(4, lines.Length);
        Assert.EndsWith(",search,2.25,0,0,0,0,0,0", lines[1], StringComparison.Ordinal);
        Assert.Contains(",\"'=cmd|'/c calc'!A1\",1.5,", lines[2], StringComparison.Ordinal);
        Assert.EndsWith(",,0,1,0,0,0,0,0", lines[3], StringComparison.Ordinal);
        Assert.Contains(",desk,2.25,", narrowed, StringComparison.Ordinal);
        Assert.DoesNotContain("clerk", narrowed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_is_for_people_who_may_look_and_a_wrong_question_is_named()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        (await host.Anonymous.ReadAsync(CostAddress.File)).Expect(401);
        (await host.Agent.ReadAsync(CostAddress.File)).Expect(403);
        (await (await host.PersonAsync("Viewer")).Client.GetAsync(CostAddress.File)).EnsureSuccessStatusCode();
        foreach (var (query, member) in new[] { ("by=day", "by"), ("range=month", "range"), ("from=yesterday", "from"), ("from=2026-01-02&to=2026-01-01", "from") })
        {
            var refused = (await host.Admin.ReadAsync($"{CostAddress.File}?{query}")).Expect(400);
            Assert.True(refused["errors"].TryGetProperty(member, out _), refused.Body.ToString());
        }
    }

    [Fact]
    public async Task Whoever_has_no_role_is_refused()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var person = await host.PersonAsync("Viewer");
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{person.Email}", new { roles = Array.Empty<string>() })).Expect(200);

        (await person.Client.ReadAsync(CostAddress.File)).Expect(403);
    }
}
