using AngleSharp.Dom;
using Bunit;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Policies;
using Handrail.Policies.Editing;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

public sealed class RulesPageTests : PageContext
{
    private const string Blocked = """{"autonomy":"autonomous","rules":[{"id":"blocked","name":"Blocked vendors","when":{"all":[{"field":"vendor","op":"in","value":["Coinhub"]}]},"then":"deny"}]}""";

    private static readonly Caller Ben =
        new() { Kind = CallerKind.Person, Id = "p-2", Name = "ben@example.com", Roles = new HashSet<string> { Permissions.Owner } };

    [Fact]
    public async Task A_rule_is_read_in_plain_english_and_edited_in_a_draft_that_publishing_puts_in_force()
    {
        await PublishAsync("fleet", Blocked);
        var page = await OpenAsync("?part=rules");
        Assert.Contains("Deny any action whose vendor is Coinhub", page.Find(".entries").TextContent, StringComparison.Ordinal);

        Click(page, "Edit rule Blocked vendors");
        On(page, () => page.Find("[aria-label='Compared with, one a line']"), e => e.Change("Coinhub\nCasino Royale"));

        Assert.Contains("Coinhub or Casino Royale", page.Find(".entries").TextContent, StringComparison.Ordinal);
        Assert.Contains("rule blocked", page.Find(".draft").TextContent, StringComparison.Ordinal);
        Assert.Equal(1, (await DocumentAsync("fleet")).Rules[0].When is AllOf { Parts: [Comparison { Values.Count: var before }] } ? before : 0);

        Publish(page, "Finance asked");

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".draft")));
        Assert.Equal(2, (await DocumentAsync("fleet")).Rules[0].When is AllOf { Parts: [Comparison { Values.Count: var after }] } ? after : 0);
    }

    [Fact]
    public async Task A_new_limit_can_not_be_published_before_nothing_is_wrong_with_it()
    {
        await SaveAsync(null, Agent("desk"));
        var page = await OpenAsync("?layer=agent:desk");

        On(page, () => Button(page, "Add a limit"), e => e.Click());
        Assert.Distinct(page.FindAll(".editor label.of-field").Select(label => label.TextContent));
        On(page, () => Field(page, "Highest amount"), e => e.Change("lots"));
        On(page, () => page.Find(".draft input"), e => e.Input("try"));

        Assert.Equal("must be a number", Field(page, "Highest amount").ParentElement!.QuerySelector(".error")!.TextContent);
        Assert.Contains("limits[0].type", page.Find(".refused").TextContent, StringComparison.Ordinal);
        Assert.True(Button(page, "Publish").HasAttribute("disabled"));

        On(page, () => Field(page, "Action type"), e => e.Change("expense.approve"));
        On(page, () => Field(page, "Highest amount"), e => e.Change("75.5"));
        Publish(page, "Small ones may go");

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".draft")));
        Assert.Equal((75.5m, "USD"), ((await DocumentAsync("agent:desk")).Limits[0].MaxAmount, (await DocumentAsync("agent:desk")).Limits[0].Currency));
    }

    [Fact]
    public async Task Guarantees_are_proven_beside_the_draft_and_a_broken_one_is_shown_with_an_action_that_would_go()
    {
        await PublishAsync("fleet", """{"autonomy":"suggest","guarantees":[{"id":"g","text":"Nothing large goes","never_allow":{"all":[{"field":"amount","op":"gt","value":500}]}}]}""");
        var page = await OpenAsync("?part=file");

        On(page, () => page.Find("#pasted"), e => e.Input("""{"autonomy":"autonomous","guarantees":[{"id":"g","text":"Nothing large goes","never_allow":{"all":[{"field":"amount","op":"gt","value":500}]}}]}"""));
        On(page, () => Button(page, "Put it in the draft"), e => e.Click());

        page.WaitForAssertion(() => Assert.Contains("Broken", page.Find(".proofs").TextContent, StringComparison.Ordinal));
        Assert.Contains("amount 501", page.Find(".proofs").TextContent, StringComparison.Ordinal);
        Publish(page, "try");
        page.WaitForAssertion(() => Assert.Contains("guarantees[0]", page.Find(".refused").TextContent, StringComparison.Ordinal));
        Assert.Equal(Autonomy.Suggest, (await DocumentAsync("fleet")).Autonomy);
    }

    [Fact]
    public async Task What_somebody_published_meanwhile_is_shown_and_the_draft_goes_on_from_there()
    {
        await PublishAsync("fleet", Blocked);
        var page = await OpenAsync("?part=rules");
        Click(page, "Remove rule Blocked vendors");
        On(page, () => page.Find(".draft input"), e => e.Input("Not needed"));

        await PublishAsync("fleet", Blocked.Replace("autonomous", "bounded", StringComparison.Ordinal), "Slower", Ben);

        page.WaitForAssertion(() => Assert.Contains("ben@example.com published version 3 meanwhile", page.Find(".newer").TextContent, StringComparison.Ordinal));
        Assert.Contains("rule blocked removed", page.Find(".draft").TextContent, StringComparison.Ordinal);
        On(page, () => Button(page, "Make my changes on version 3"), e => e.Click());
        On(page, () => Button(page, "Publish"), e => e.Click());

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".draft")));
        var document = await DocumentAsync("fleet");
        Assert.Equal((Autonomy.Bounded, 0), (document.Autonomy, document.Rules.Count));
    }

    [Fact]
    public async Task An_entry_that_is_open_does_not_move_when_somebody_else_publishes()
    {
        await PublishAsync("fleet", Blocked);
        var page = await OpenAsync("?part=rules");
        Click(page, "Edit rule Blocked vendors");

        await PublishAsync("fleet", """{"autonomy":"autonomous"}""", "Away with it", Ben);

        page.WaitForElement(".newer");
        Assert.Equal("Coinhub", page.Find("[aria-label='Compared with, one a line']").GetAttribute("value"));
    }

    [Fact]
    public async Task A_past_action_is_tried_with_its_facts_then_and_every_reason()
    {
        await PublishAsync("fleet", Blocked);
        await SaveAsync(null, Agent("desk"), Session("s-1"), Asked("desk", "a-7", "coinhub"));
        var page = await OpenAsync("?part=try");

        On(page, () => page.Find(".pick"), e => e.Click());

        page.WaitForAssertion(() => Assert.Contains("It is refused.", page.Find(".result").TextContent, StringComparison.Ordinal));
        Assert.Contains("rule:blocked", page.Find(".result").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_imported_file_lacks_is_said_where_it_belongs_and_can_be_put_right_there()
    {
        var page = await OpenAsync("?part=file");
        On(page, () => page.Find("#pasted"), e => e.Input("""{"rules":[{"id":"r","then":"deny"}],"tools":[{"name":"mail","mask":{"fix":[1]}}]}"""));
        On(page, () => Button(page, "Put it in the draft"), e => e.Click());

        await ShowAsync(page, "rules");
        Click(page, "Edit rule r");
        Assert.Contains("is missing", page.Find(".editor .error").TextContent, StringComparison.Ordinal);
        On(page, () => Button(page, "Begin a condition"), e => e.Click());
        On(page, () => page.Find("[aria-label='Compared with']"), e => e.Change("500"));
        Assert.Contains("Deny any action whose amount", page.Find(".entries").TextContent, StringComparison.Ordinal);

        await ShowAsync(page, "tools");
        Click(page, "Edit tool mail");
        On(page, () => page.Find("[aria-label='Argument to set']"), e => e.Change("as_user"));
        On(page, () => page.Find(".fix form"), e => e.Submit());
        Assert.Equal("", page.Find("[aria-label='Value of as_user']").GetAttribute("value"));
    }

    [Fact]
    public async Task Past_actions_to_try_are_those_of_the_layer_that_is_shown()
    {
        await SaveAsync(null, Agent("desk"), Agent("other"), Session("s-1"), Asked("desk", "a-1", "coinhub"), Asked("other", "a-2", "delta"));
        var page = await OpenAsync("?layer=agent:desk&part=try");
        page.WaitForAssertion(() => Assert.Contains("coinhub", Assert.Single(page.FindAll(".pick")).TextContent, StringComparison.Ordinal));

        await ShowAsync(page, "try", "agent:other");

        page.WaitForAssertion(() => Assert.Contains("delta", Assert.Single(page.FindAll(".pick")).TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_versions_say_who_and_why_and_roll_back()
    {
        await PublishAsync("agent:desk", """{"autonomy":"suggest"}""", "careful");
        await PublishAsync("agent:desk", """{"autonomy":"autonomous"}""", "bold", Ben);
        var page = await OpenAsync("?layer=agent:desk&part=versions");

        On(page, () => Button(page, "Roll back to this…"), e => e.Click());
        Confirm("too bold");

        page.WaitForAssertion(() => Assert.Contains("Version 3", page.Find(".history").TextContent, StringComparison.Ordinal));
        Assert.Equal(Autonomy.Suggest, (await DocumentAsync("agent:desk")).Autonomy);
    }

    private async Task<IRenderedComponent<IComponent>> OpenAsync(string query)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/rules" + query);
        var page = Open<RulesPage>();
        await page.WaitForElementAsync(".part");
        return page;
    }

    private Task ShowAsync(IRenderedComponent<IComponent> page, string part, string layer = "fleet") =>
        page.InvokeAsync(() => Services.GetRequiredService<NavigationManager>().NavigateTo($"/rules?layer={layer}&part={part}"));

    private static void Publish(IRenderedComponent<IComponent> page, string reason)
    {
        On(page, () => page.Find(".draft input"), e => e.Input(reason));
        On(page, () => Button(page, "Publish"), e => e.Click());
    }

    private Task PublishAsync(string scope, string policy, string reason = "set-up", Caller? who = null) =>
        Services.GetRequiredService<PublishPolicy>().HandleAsync(who ?? Caller.System, scope, JsonText.Element(policy)!.Value, null, reason, default);

    private async Task<PolicyDocument> DocumentAsync(string scope) => PolicyDocument.Parse(await ReadAsync(
        db => db.PolicyVersions.Where(v => v.Scope == scope).OrderByDescending(v => v.Version).Select(v => v.DocumentJson).FirstAsync())).Document!;

    private GatedAction Asked(string agent, string id, string vendor) => new()
    {
        SessionId = "s-1", ActionId = id, Digest = "d", Team = "default", Agent = agent, Type = "expense.approve", Vendor = vendor, Risk = "external", Amount = 5, Currency = "USD",
        ReasonsJson = "[]", PolicyVersion = "1.0", RequestedAt = Now.AddDays(-1), Verdict = Verdict.Review,
        FactsJson = JsonText.Of(new RecordedFacts { At = Now.AddDays(-1), Control = [], AgentScopes = [], ToolsUsed = [], Budgets = [] }),
    };

    private static void Click(IRenderedComponent<IComponent> page, string label) => On(page, () => page.Find($"button[aria-label='{label}']"), e => e.Click());

    private static IElement Button(IRenderedComponent<IComponent> page, string text) => page.FindAll("button").First(b => b.TextContent.Trim() == text);

    private static IElement Field(IRenderedComponent<IComponent> page, string label) =>
        page.Find($"[id='{page.FindAll("label.of-field").First(l => l.TextContent == label).GetAttribute("for")}']");
}

public sealed class RulesForViewersTests : PageContext
{
    protected override string Role => Permissions.Viewer;

    [Fact]
    public async Task Who_may_not_change_policies_reads_and_tries_them_and_changes_nothing()
    {
        await Services.GetRequiredService<PublishPolicy>().HandleAsync(
            Caller.System, "fleet", JsonText.Element("""{"limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"}]}""")!.Value, null, "set-up", default);

        var page = Open<RulesPage>();

        page.WaitForElement(".entry");
        Assert.Contains("expense.approve may go up to 50.00 USD", page.Markup, StringComparison.Ordinal);
        Assert.Contains("look on, not change it", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".entry button"));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Contains("Add a", StringComparison.Ordinal));
    }
}
