using System.Text.RegularExpressions;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

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
        Assert.Contains("outbox", await admin.GetStringAsync("/settings/jobs/recurring"), StringComparison.Ordinal);
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
