using Bunit;
using Handrail.Access;
using Handrail.Agents;
using Handrail.Live;
using Handrail.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Pages;

public sealed class FirstVisitTests : PageContext
{
    protected override string Role => Permissions.Administrator;

    [Fact]
    public void Every_way_names_the_address_that_the_browser_uses_and_the_place_of_the_key()
    {
        var page = Open<FirstVisit>();

        Assert.Equal(["Environment variables", ".NET", "Python", "TypeScript", "Claude Code", "curl"], Tabs(page));
        foreach (var text in Texts(page))
        {
            Assert.Contains("http://localhost", text, StringComparison.Ordinal);
            Assert.Contains(FirstTrace.NoKey, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_new_key_stands_in_every_text_and_is_gone_once_the_first_trace_is_here()
    {
        var page = Open<FleetPage>();

        On(page, () => page.Find(".key button"), e => e.Click());

        var key = page.WaitForElement(".issued code").TextContent;
        Assert.StartsWith(Secrets.AgentPrefix, key, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.DoesNotContain(FirstTrace.NoKey, page.Markup, StringComparison.Ordinal));
        Assert.All(Texts(page), text => Assert.Contains(key, text, StringComparison.Ordinal));
        Assert.DoesNotContain(FirstTrace.NoKey, page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".key button"));
        var stored = await ReadAsync(db => db.AgentKeys.SingleAsync());
        Assert.Equal((Secrets.Hash(key), "default", null, "anna@example.com"), (stored.Hash, stored.Team, stored.AgentsJson, stored.CreatedBy));
        Assert.True(await ReadAsync(db => db.AuditRecords.AnyAsync(r => r.Act == "key.issue")));

        await SaveAsync(new Hint(HintKind.Session, "s1"), Agent("desk"), Session("s1"));

        page.WaitForAssertion(() => Assert.Equal("Fleet", page.Find("h1").TextContent));
        Assert.DoesNotContain(key, page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void The_arrow_keys_walk_through_the_ways()
    {
        var page = Open<FirstVisit>();

        On(page, () => page.Find("[role=tab][tabindex='0']"), e => e.KeyDown(new KeyboardEventArgs { Key = "ArrowLeft" }));
        Assert.Equal("curl", page.Find("[aria-selected=true]").TextContent);

        On(page, () => page.Find("[role=tab][tabindex='0']"), e => e.KeyDown(new KeyboardEventArgs { Key = "ArrowRight" }));
        Assert.Equal("Environment variables", page.Find("[aria-selected=true]").TextContent);
        Assert.Equal(page.Find("[aria-selected=true]").Id, page.Find("[role=tabpanel]").GetAttribute("aria-labelledby"));
    }

    [Fact]
    public async Task A_key_made_on_an_agents_page_is_for_that_agent_alone_and_stands_in_all_that_connects_it()
    {
        await SaveAsync(null, Agent("desk"));
        var page = Open<AgentPage>(p => p.Add(a => a.Name, "desk"));

        On(page, () => page.Find(".key button"), e => e.Click());

        var key = page.WaitForElement(".issued code").TextContent;
        page.WaitForAssertion(() => Assert.DoesNotContain(FirstTrace.NoKey, page.Markup, StringComparison.Ordinal));
        Assert.Equal("""["desk"]""", await ReadAsync(db => db.AgentKeys.Where(k => k.Hash == Secrets.Hash(key)).Select(k => k.AgentsJson).SingleAsync()));
        Assert.Equal(["Environment variables", ".NET", "Python", "TypeScript", "curl"], Tabs(page));
        Assert.Contains("OTEL_SERVICE_NAME='desk'", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claude_Codes_own_page_says_how_Claude_Code_reports_and_nothing_else()
    {
        await SaveAsync(null, Agent(FirstTrace.ClaudeCode));

        var page = Open<AgentPage>(p => p.Add(a => a.Name, FirstTrace.ClaudeCode));

        page.WaitForAssertion(() => Assert.Equal(["Claude Code"], Tabs(page)));
    }

    private static string[] Tabs(IRenderedComponent<IComponent> page) => [.. page.FindAll("[role=tab]").Select(t => t.TextContent)];

    /// <summary>All that each way's panel says to paste.</summary>
    private static List<string> Texts(IRenderedComponent<IComponent> page)
    {
        var texts = new List<string>();
        for (var i = 0; i < page.FindAll("[role=tab]").Count; i++)
        {
            var tab = i;
            On(page, () => page.FindAll("[role=tab]")[tab], e => e.Click());
            texts.Add(string.Join('\n', page.FindAll("[role=tabpanel] code").Select(c => c.TextContent)));
        }

        return texts;
    }
}

public sealed class FirstVisitForOwnersTests : PageContext
{
    [Fact]
    public void Who_may_make_no_key_is_told_whom_to_ask()
    {
        var page = Open<FirstVisit>();

        Assert.Empty(page.FindAll(".key button"));
        Assert.Contains("Administrators make them", page.Markup, StringComparison.Ordinal);
    }
}
