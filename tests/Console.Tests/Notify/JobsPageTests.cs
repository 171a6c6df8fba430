using System.Text.RegularExpressions;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Npgsql;

namespace Handrail.Notify;

/// <summary>The page of the jobs is the administrators', and only to look at.</summary>
public sealed partial class JobsPageTests
{
    [Theory, Databases]
    public async Task Only_an_administrator_sees_the_jobs(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var reviewer = await host.PersonAsync("Reviewer");

        Assert.Equal(302, (await host.Anonymous.ReadAsync("/settings/jobs")).Status);
        Assert.Equal(302, (await host.Agent.ReadAsync("/settings/jobs")).Status);
        Assert.Equal(302, (await reviewer.Client.ReadAsync("/settings/jobs")).Status);
        (await host.Admin.PostAsync("/api/v1/users", new { email = "owner@example.com", roles = new[] { "Owner" }, password = ConsoleHost.AdminPassword })).Expect(200);
        using var owner = await SignedInAsync(host, "owner@example.com");
        Assert.Equal(302, (int)(await owner.GetAsync("/settings/jobs")).StatusCode);
        Assert.Equal(200, (int)(await owner.GetAsync("/inbox")).StatusCode);
        using var admin = await SignedInAsync(host);
        var page = await admin.GetAsync("/settings/jobs");
        Assert.Equal(200, (int)page.StatusCode);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("Handrail jobs", html, StringComparison.Ordinal);

        // What our policy forbids is not on it: no script within the page, nothing from elsewhere.
        Assert.DoesNotMatch("<script(?![^>]*src=)", html);
        Assert.DoesNotMatch("<script[^>]*src=\"(?!/settings/jobs/)", html);
        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        await Eventually.HoldsAsync("what recurs is on it", async () => (await admin.GetStringAsync("/settings/jobs/recurring")).Contains("outbox", StringComparison.Ordinal));
    }

    /// <summary>Its lock stays in the database, and its timetable may be half entered.</summary>
    [Fact]
    public async Task A_console_starts_after_one_that_was_killed_over_its_timetable()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Postgres);
        await using (var first = await ConsoleHost.StartAsync(database, _ => { }))
        {
            await Eventually.HoldsAsync("what recurs is entered", () => RecurringAsync(database, 2));
        }

        await ExecuteAsync(database, "DELETE FROM hangfire.set WHERE key = 'recurring-jobs'; DELETE FROM hangfire.hash; INSERT INTO hangfire.lock (resource, updatecount, acquired) VALUES ('hangfire:lock:recurring-job:outbox', 0, now())");
        await using var host = await ConsoleHost.StartAsync(database, _ => { });
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "note.write" })).Expect(200);
        Assert.False(await RecurringAsync(database, 1));

        await Eventually.HoldsAsync("what recurs is entered", () => RecurringAsync(database, 2));
    }

    private static async Task<bool> RecurringAsync(TestDatabase database, int jobs) => await ExecuteAsync(database, "SELECT count(*) FROM hangfire.set WHERE key = 'recurring-jobs'") is long count && count >= jobs;

    private static async Task<object?> ExecuteAsync(TestDatabase database, string sql)
    {
        await using var server = new NpgsqlConnection(database.Settings.ConnectionString);
        await server.OpenAsync();
        await using var command = new NpgsqlCommand(sql, server);
        return await command.ExecuteScalarAsync();
    }

    [Fact]
    public async Task Nothing_is_done_from_the_page_of_the_jobs()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var admin = await SignedInAsync(host);

        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["jobs[]"] = "outbox" });
        Assert.Equal(403, (int)(await admin.PostAsync("/settings/jobs/recurring/trigger", form)).StatusCode);
    }

    private static async Task<HttpClient> SignedInAsync(ConsoleHost host, string email = "admin@localhost")
    {
        var browser = host.Factory.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = true });
        var token = Token().Match(await browser.GetStringAsync("/sign-in")).Groups["token"].Value;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = token, ["_handler"] = "sign-in", ["Input.Email"] = email, ["Input.Password"] = ConsoleHost.AdminPassword,
        });
        var answer = await browser.PostAsync("/sign-in", form);
        Assert.Equal(302, (int)answer.StatusCode);
        return browser;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"(?<token>[^\"]+)\"")]
    private static partial Regex Token();
}
