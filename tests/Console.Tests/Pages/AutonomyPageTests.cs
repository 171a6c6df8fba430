using AngleSharp.Dom;
using Bunit;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

public sealed class AutonomyPageTests : PageContext
{
    private static readonly Caller Ben =
        new() { Kind = CallerKind.Person, Id = "p-2", Name = "ben@example.com", Roles = new HashSet<string> { Permissions.Owner } };

    [Fact]
    public async Task Every_type_an_agent_asked_for_has_a_slider_and_says_what_is_in_force()
    {
        await SaveAsync(null, Agent("desk"), Session("s-1"), Asked("expense.approve"), Asked("email.send", "a-2"));

        var page = await OpenAsync();

        Assert.Equal(["email.send", "expense.approve"], Panel(page, "agent:desk").QuerySelectorAll(".type b").Select(b => b.TextContent.Trim()).SkipLast(1));
        Assert.Equal("Suggest", Slider(page, "expense.approve", "desk").GetAttribute("aria-valuetext"));
        Assert.Contains("the fleet's alone decides", Panel(page, "agent:desk").TextContent, StringComparison.Ordinal);
        Assert.Contains("As the fleet", Panel(page, "agent:desk").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moving_a_slider_makes_a_draft_that_publishing_puts_in_force()
    {
        await SaveAsync(null, Agent("desk"), Session("s-1"), Asked("expense.approve"));
        var page = await OpenAsync();

        On(page, () => Slider(page, "expense.approve", "desk"), e => e.Change("0"));

        Assert.Contains("expense.approve added: off", page.Find(".draft").TextContent, StringComparison.Ordinal);
        Assert.Equal(0, await VersionAsync("agent:desk"));
        Assert.True(Button(page, "Publish").HasAttribute("disabled"));

        On(page, () => page.Find(".draft input"), e => e.Input("It misbehaves"));
        On(page, () => Button(page, "Publish"), e => e.Click());

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".draft")));
        var version = await ReadAsync(db => db.PolicyVersions.SingleAsync(v => v.Scope == "agent:desk"));
        Assert.Equal(("anna@example.com", "It misbehaves"), (version.By, version.Reason));
        Assert.Equal(Autonomy.Off, PolicyDocument.Parse(version.DocumentJson).Document!.LevelFor("expense.approve"));
        Assert.Contains("expense.approve added: off", version.DiffJson, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal("Off", Slider(page, "expense.approve", "desk").GetAttribute("aria-valuetext")));
    }

    [Fact]
    public async Task A_level_above_the_fleets_is_said_to_be_held_back()
    {
        await PublishAsync("agent:desk", """{"actions":[{"type":"expense.approve","autonomy":"autonomous"}]}""");

        var page = await OpenAsync();

        Assert.Equal("Autonomous", Slider(page, "expense.approve", "desk").GetAttribute("aria-valuetext"));
        Assert.Contains("Held at Suggest", Panel(page, "agent:desk").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_amount_is_a_draft_too_and_keeps_the_limits_other_bounds()
    {
        await PublishAsync("agent:desk", """{"limits":[{"type":"expense.approve","max_amount":50,"currency":"USD","min_confidence":0.8}]}""");
        var page = await OpenAsync();

        On(page, () => Amount(page), e => e.Change("75.5"));
        On(page, () => page.Find(".draft input"), e => e.Input("Prices rose"));
        On(page, () => Button(page, "Publish"), e => e.Click());

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".draft")));
        var limit = (await DocumentAsync("agent:desk")).Limits.Single();
        Assert.Equal((75.5m, "USD", 0.8m), (limit.MaxAmount, limit.Currency, limit.MinConfidence));
    }

    [Theory]
    [InlineData("1.000,00")]
    [InlineData("-1")]
    [InlineData("７５")]
    public async Task An_amount_that_could_be_misread_makes_no_draft(string typed)
    {
        await PublishAsync("agent:desk", """{"limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"}]}""");
        var page = await OpenAsync();

        On(page, () => Amount(page), e => e.Change(typed));

        Assert.Empty(page.FindAll(".draft"));
        Assert.Contains("1000.50", page.Find(".limit .error").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_emptied_amount_takes_the_limit_away_and_the_page_says_what_that_means()
    {
        await PublishAsync("fleet", """{"autonomy":"autonomous"}""");
        await PublishAsync("agent:desk", """{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"}]}""");
        var page = await OpenAsync();

        On(page, () => Amount(page), e => e.Change(""));

        Assert.Contains("limit expense.approve removed", page.Find(".draft").TextContent, StringComparison.Ordinal);
        Assert.Empty(Panel(page, "agent:desk").QuerySelectorAll("[aria-label='Highest amount of expense.approve for desk']"));
    }

    [Fact]
    public async Task What_somebody_published_meanwhile_is_shown_beside_the_draft_which_is_kept()
    {
        await PublishAsync("agent:desk", """{"autonomy":"suggest"}""");
        var page = await OpenAsync();
        On(page, () => Slider(page, "all other actions", "desk"), e => e.Change("3"));
        On(page, () => page.Find(".draft input"), e => e.Input("They earned it"));

        await PublishAsync("agent:desk", """{"autonomy":"suggest","time_zone":"Europe/Vienna"}""", "Vienna it is", Ben);

        page.WaitForAssertion(() => Assert.Contains("ben@example.com published version 2 meanwhile", page.Find(".newer").TextContent, StringComparison.Ordinal));
        Assert.Contains("Europe/Vienna", page.Find(".newer").TextContent, StringComparison.Ordinal);
        Assert.Contains("suggest -> bounded", page.Find(".draft").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Trim() == "Publish");

        On(page, () => Button(page, "Make my changes on version 2"), e => e.Click());
        Assert.Equal("They earned it", page.Find(".draft input").GetAttribute("value"));
        On(page, () => Button(page, "Publish"), e => e.Click());

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".draft")));
        var document = await DocumentAsync("agent:desk");
        Assert.Equal((Autonomy.Bounded, "Europe/Vienna"), (document.LevelFor(null), document.TimeZone));
    }

    [Fact]
    public async Task A_draft_says_beside_it_what_it_would_have_changed_and_opens_the_list()
    {
        await PublishAsync("fleet", """{"autonomy":"autonomous"}""");
        var rejected = Asked("expense.approve", "a-2");
        rejected.People = PeopleDecision.Rejected;
        await PublishAsync("agent:desk", """{"autonomy":"suggest"}""");
        await SaveAsync(null, Agent("desk"), Session("s-1"), Asked("expense.approve"), rejected);
        var page = await OpenAsync();

        On(page, () => Slider(page, "expense.approve", "desk"), e => e.Change("4"));

        page.WaitForAssertion(() => Assert.Contains("2 more would go, 10.00 USD; people had rejected 1 of those", page.Find(".preview").TextContent, StringComparison.Ordinal));
        On(page, () => Button(page, "people had rejected 1 of those"), e => e.Click());
        page.WaitForAssertion(() => Assert.Contains("People rejected it", page.Find(".preview .list").TextContent, StringComparison.Ordinal));
        Assert.Single(page.FindAll(".preview .list li"));

        On(page, () => Button(page, "90 days"), e => e.Click());
        page.WaitForAssertion(() => Assert.Contains("2 more would go", page.Find(".preview").TextContent, StringComparison.Ordinal));
        On(page, () => Slider(page, "expense.approve", "desk"), e => e.Change("2"));
        page.WaitForAssertion(() => Assert.Contains("none would have gone otherwise", page.Find(".preview").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_people_always_approved_speaks_for_a_level_and_for_a_limit_and_one_click_drafts_either()
    {
        var rows = Enumerable.Range(0, 120).Select(i =>
        {
            var asked = Asked("expense.approve", $"a-{i}");
            (asked.People, asked.Vendor, asked.Amount) = (PeopleDecision.Approved, "Delta", 10 + i);
            return (object)asked;
        });
        await SaveAsync(null, [Agent("desk"), Session("s-1"), .. rows]);
        var page = await OpenAsync();

        page.WaitForAssertion(() => Assert.Contains("Earned: Bounded", page.Find(".experience .move").TextContent, StringComparison.Ordinal));
        Assert.Contains("100 % of 120", page.Find(".experience").TextContent, StringComparison.Ordinal);
        On(page, () => Button(page, "Draft the move to Bounded for the fleet"), e => e.Click());
        Assert.Contains("expense.approve added: bounded", page.Find("[id='fleet'] .draft").TextContent, StringComparison.Ordinal);

        On(page, () => page.Find("[aria-label^='Draft this limit: expense.approve with Delta may go up to 129.00 USD, until']"), e => e.Click());
        Assert.Contains("129.00 USD", page.Find("[id='agent:desk'] .draft").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".offers"));

        On(page, () => page.Find("[aria-label^='Withdraw: expense.approve with Delta may go up to 129.00 USD, until']"), e => e.Click());
        Assert.Empty(page.FindAll("[id='agent:desk'] .draft"));
    }

    [Fact]
    public async Task A_budget_says_what_is_spent_held_and_free()
    {
        await PublishAsync("fleet", """{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD","max_total":100,"per":"month"}]}""");

        var page = await OpenAsync();

        page.WaitForAssertion(() => Assert.Contains("0.00 USD spent0.00 USD held100.00 USD free of 100.00 USD", page.Find(".budgets").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_discarded_draft_leaves_no_trace()
    {
        await SaveAsync(null, Agent("desk"));
        var page = await OpenAsync();
        On(page, () => Slider(page, "all other actions", "desk"), e => e.Change("0"));

        On(page, () => Button(page, "Discard draft"), e => e.Click());

        Assert.Empty(page.FindAll(".draft"));
        Assert.Equal("Suggest", Slider(page, "all other actions", "desk").GetAttribute("aria-valuetext"));
        Assert.Equal(0, await VersionAsync("agent:desk"));
    }

    [Fact]
    public async Task Moving_back_to_where_it_was_is_no_draft()
    {
        await SaveAsync(null, Agent("desk"));
        var page = await OpenAsync();

        On(page, () => Slider(page, "all other actions", "the fleet"), e => e.Change("3"));
        On(page, () => Slider(page, "all other actions", "the fleet"), e => e.Change("2"));

        Assert.Empty(page.FindAll(".draft"));
    }

    [Fact]
    public async Task Raising_the_fleet_names_the_agents_that_nothing_else_holds_back()
    {
        await SaveAsync(null, Agent("desk"), Agent("other"));
        await PublishAsync("agent:other", """{"autonomy":"suggest"}""");
        var page = await OpenAsync();

        On(page, () => Slider(page, "all other actions", "the fleet"), e => e.Change("4"));
        Assert.Contains("alone decides for them: desk.", page.Find(".draft .warning").TextContent, StringComparison.Ordinal);

        On(page, () => Slider(page, "all other actions", "the fleet"), e => e.Change("1"));
        Assert.Empty(page.FindAll(".draft .warning"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_document_is_said_with_its_path()
    {
        await SaveAsync(null, Agent("desk"));
        var page = await OpenAsync();
        On(page, () => page.Find("[aria-label='Action type to set apart for desk']"), e => e.Change("a*b"));
        On(page, () => page.Find("[id='agent:desk'] form"), e => e.Submit());
        On(page, () => page.Find(".draft input"), e => e.Input("try"));

        On(page, () => Button(page, "Publish"), e => e.Click());

        page.WaitForAssertion(() => Assert.Contains("actions[0].type", page.Find(".refused").TextContent, StringComparison.Ordinal));
        Assert.Equal(0, await VersionAsync("agent:desk"));
    }

    [Fact]
    public async Task The_history_says_who_when_and_why_and_rolls_back()
    {
        await PublishAsync("agent:desk", """{"autonomy":"suggest"}""", "careful");
        await PublishAsync("agent:desk", """{"autonomy":"autonomous"}""", "bold", Ben);
        var page = await OpenAsync("?history=agent:desk");
        await page.WaitForElementAsync(".history");

        Assert.Equal(["Version 2", "Version 1"], page.FindAll(".history li b").Select(b => b.TextContent));
        Assert.Contains("suggest -> autonomous", page.Find(".history").TextContent, StringComparison.Ordinal);
        Assert.Contains("ben@example.com", page.Find(".history").TextContent, StringComparison.Ordinal);

        On(page, () => Button(page, "Roll back to this…"), e => e.Click());
        Confirm("too bold");

        page.WaitForAssertion(() => Assert.Contains("Version 3", page.Find(".history").TextContent, StringComparison.Ordinal));
        Assert.Equal(Autonomy.Suggest, (await DocumentAsync("agent:desk")).LevelFor(null));
    }

    private async Task<IRenderedComponent<IComponent>> OpenAsync(string query = "")
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/autonomy" + query);
        var page = Open<AutonomyPage>();
        await page.WaitForElementAsync(".layer");
        return page;
    }

    private Task PublishAsync(string scope, string policy, string reason = "set-up", Caller? who = null) =>
        Services.GetRequiredService<PublishPolicy>().HandleAsync(who ?? Caller.System, scope, JsonText.Element(policy)!.Value, null, reason, default);

    private Task<int> VersionAsync(string scope) => ReadAsync(db => db.PolicyHeads.Where(h => h.Scope == scope).Select(h => h.Version).SingleOrDefaultAsync());

    private async Task<PolicyDocument> DocumentAsync(string scope)
    {
        var version = await VersionAsync(scope);
        return PolicyDocument.Parse(await ReadAsync(db => db.PolicyVersions.Where(v => v.Scope == scope && v.Version == version).Select(v => v.DocumentJson).SingleAsync())).Document!;
    }

    private GatedAction Asked(string type, string id = "a-1") => new()
    {
        SessionId = "s-1", ActionId = id, Digest = id, Team = "default", Agent = "desk", Type = type, Risk = "external", Amount = 5, Currency = "USD",
        ReasonsJson = "[]", PolicyVersion = "1.0", RequestedAt = Now.AddDays(-1),
        FactsJson = JsonText.Of(new RecordedFacts { At = Now.AddDays(-1), Control = [], AgentScopes = [], ToolsUsed = [], Budgets = [] }),
    };

    private static IElement Panel(IRenderedComponent<IComponent> page, string scope) => page.Find($"[id='{scope}']");

    private static IElement Slider(IRenderedComponent<IComponent> page, string type, string who) => page.Find($"[aria-label='Autonomy of {type} for {who}']");

    private static IElement Amount(IRenderedComponent<IComponent> page) => page.Find("[aria-label='Highest amount of expense.approve for desk']");

    private static IElement Button(IRenderedComponent<IComponent> page, string text) => page.FindAll("button").First(b => b.TextContent.Trim() == text);
}

public sealed class AutonomyForReviewersTests : PageContext
{
    protected override string Role => Permissions.Reviewer;

    [Fact]
    public async Task Who_may_not_change_policies_sees_them_and_moves_nothing()
    {
        await SaveAsync(null, Agent("desk"));

        var page = Open<AutonomyPage>();

        page.WaitForElement(".layer");
        Assert.All(page.FindAll("input[type=range]"), slider => Assert.True(slider.HasAttribute("disabled")));
        Assert.Empty(page.FindAll("form"));
        Assert.Contains("look on, not change it", page.Markup, StringComparison.Ordinal);
    }
}
