using Bunit;
using Handrail.Access;
using Handrail.Content;
using Handrail.Host;
using Handrail.Pages;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Contents;

/// <summary>The rules for content, by the API.</summary>
public sealed class ContentTests
{
    private const string Address = "/api/v1/settings/content";

    [Theory, Databases]
    public async Task An_administrator_sets_what_is_kept_and_the_next_report_is_stored_by_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var before = (await host.Admin.ReadAsync(Address)).Expect(200);
        Assert.Equal((0, 30, 90), (before["version"].GetInt32(), before["content_days"].GetInt32(), before["step_days"].GetInt32()));

        var changed = (await host.Admin.SendAsync(
            HttpMethod.Put, Address, new { content_days = 7, step_days = (int?)null, redaction = new { emails = true, patterns = new[] { "ACME-*" } } }, ifMatch: "\"0\"")).Expect(200);

        Assert.Equal((1, 7), (changed["version"].GetInt32(), changed["content_days"].GetInt32()));
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/messages", new { messages = new[] { new { id = "m", role = "user", text = "acme-7 for ann@example.com" } } })).Expect(200);
        var rules = (await host.Admin.ReadAsync(Address)).Expect(200);
        Assert.True(rules["redaction"].GetProperty("emails").GetBoolean());
    }

    [Fact]
    public async Task A_wrong_rule_is_named_and_a_stale_one_is_refused()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        Assert.True((await host.Admin.SendAsync(HttpMethod.Put, Address, new { content_days = 0 }, ifMatch: "\"0\"")).Expect(400)["errors"].TryGetProperty("content_days", out _));
        Assert.True((await host.Admin.SendAsync(HttpMethod.Put, Address, new { redaction = new { patterns = new[] { "*" } } }, ifMatch: "\"0\"")).Expect(400)["errors"].TryGetProperty("redaction.patterns[0]", out _));
        (await host.Admin.SendAsync(HttpMethod.Put, Address, new { content_days = 5 })).Expect(428);
        (await host.Admin.SendAsync(HttpMethod.Put, Address, new { content_days = 5 }, ifMatch: "\"3\"")).Expect(412);
    }

    [Fact]
    public async Task Nobody_else_reads_or_sets_them()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var owner = await host.PersonAsync("Owner");

        (await owner.Client.ReadAsync(Address)).Expect(403);
        (await owner.Client.SendAsync(HttpMethod.Put, Address, new { content_days = 5 }, ifMatch: "\"0\"")).Expect(403);
        (await host.Agent.ReadAsync(Address)).Expect(403);
        (await host.Anonymous.ReadAsync(Address)).Expect(401);
    }
}

/// <summary>The same, by the page.</summary>
public sealed class SettingsPageTests : PageContext
{
    protected override string Role => Permissions.Administrator;

    [Fact]
    public async Task Rules_are_tried_before_they_are_saved()
    {
        var page = Open<SettingsPage>();
        On(page, () => page.Find("#patterns"), e => e.Input("ACME-*"));
        On(page, () => page.Find("#sample"), e => e.Input("for acme-42, card 4111111111111111"));

        Assert.Equal("for [removed], card [card number removed]", page.Find("blockquote").TextContent);

        On(page, () => page.Find("#content"), e => e.Change(""));
        On(page, () => page.Find("form"), e => e.Submit());

        Said.WaitForAssertion(() => Assert.Contains("Saved", Said.Markup));
        var saved = await Services.GetRequiredService<ContentRules>().SettingsAsync(default);
        Assert.Equal(["ACME-*"], saved.Redaction.Patterns);
        Assert.Null(saved.ContentDays);
    }

    [Fact]
    public void A_number_that_is_none_is_refused_in_words_and_nothing_is_lost()
    {
        var page = Open<SettingsPage>();
        On(page, () => page.Find("#steps"), e => e.Change("soon"));

        On(page, () => page.Find("form"), e => e.Submit());

        Said.WaitForAssertion(() => Assert.Contains("step_days", Said.Markup));
        Assert.Equal("soon", page.Find("#steps").GetAttribute("value"));
    }
}

public sealed class SettingsPageForOthersTests : PageContext
{
    [Fact]
    public void Who_is_no_administrator_sees_whose_page_it_is()
    {
        var page = Open<SettingsPage>();

        page.WaitForAssertion(() => Assert.Contains("not for you", page.Markup));
        Assert.Empty(page.FindAll("form"));
    }
}
