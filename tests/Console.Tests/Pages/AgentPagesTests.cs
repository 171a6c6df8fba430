using Bunit;
using Handrail.Access;
using Handrail.Agents;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

public sealed class AgentPagesTests : PageContext
{
    [Fact]
    public async Task An_agent_that_holds_an_old_policy_is_out_of_date_until_it_says_otherwise()
    {
        await SaveAsync(null, Agent("desk", held: "1.0"), Agent("other", held: null));
        var page = Open<AgentsPage>();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count));
        Assert.DoesNotContain("Out of date", page.Markup, StringComparison.Ordinal);
        Assert.Contains("has not said what it holds", page.FindAll("tbody tr")[1].TextContent, StringComparison.Ordinal);

        await Services.GetRequiredService<PublishPolicy>().HandleAsync(Caller.System, "agent:desk", JsonText.Element("""{"autonomy":"off"}""")!.Value, null, null, default);

        page.WaitForAssertion(() => Assert.Contains("Out of date", page.FindAll("tbody tr")[0].TextContent, StringComparison.Ordinal));
        Assert.Contains("in force 1.1", page.FindAll("tbody tr")[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("Off", page.FindAll("tbody tr")[0].TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Out of date", page.FindAll("tbody tr")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_shows_as_soon_as_it_is_heard_of_with_what_is_ordered_for_it()
    {
        var page = Open<AgentsPage>();
        page.WaitForAssertion(() => Assert.Contains("No agent yet", page.Markup, StringComparison.Ordinal));

        await SaveAsync(
            new Hint(HintKind.Agent, "desk"), Agent("desk"),
            new ScopeControl { Scope = "agent:desk", State = ControlState.Stopped, By = "ben@example.com", Reason = "wrong refunds", Since = Now, Seq = 1 });

        page.WaitForAssertion(() => Assert.Contains("Stopped", page.Find("tbody tr").TextContent, StringComparison.Ordinal));
        Assert.Contains("wrong refunds", page.Find("tbody .badge").GetAttribute("title"), StringComparison.Ordinal);
        Assert.Equal("/agents/desk", page.Find("tbody a").GetAttribute("href"));
    }

    [Fact]
    public async Task An_agent_is_stopped_from_its_line()
    {
        await SaveAsync(null, Agent("desk"), Session("s-1"));
        var page = Open<AgentsPage>();

        On(page, () => page.Find("[aria-label='Stop agent desk']"), e => e.Click());
        Confirm("it loops");

        page.WaitForAssertion(() => Assert.Contains("Stopped", page.Find("tbody tr").TextContent, StringComparison.Ordinal));
        Assert.Equal(ControlState.Stopped, await ReadAsync(db => db.Sessions.Where(s => s.Id == "s-1").Select(s => s.Control).SingleAsync()));
    }

    [Fact]
    public async Task An_agents_page_says_what_rules_it_which_versions_work_and_how_to_connect_it()
    {
        var session = Session("s-1");
        session.AgentVersion = "1.4";
        await SaveAsync(null, Agent("desk", held: "1.0"), session);

        var page = Open<AgentPage>(p => p.Add(a => a.Name, "desk"));

        page.WaitForAssertion(() => Assert.Equal("desk", page.Find("h1").TextContent.Trim()));
        Assert.Contains("Suggest", page.Markup, StringComparison.Ordinal);
        Assert.Equal(["1.4", "1"], page.FindAll("tbody td").Take(2).Select(c => c.TextContent.Trim()));
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost", page.Markup, StringComparison.Ordinal);
        Assert.Contains("/sessions?agent=desk", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_an_agent_chose_does_not_leave_its_quotes_in_a_snippet()
    {
        await SaveAsync(null, Agent("x'; rm -rf ~; '"));

        var page = Open<AgentPage>(p => p.Add(a => a.Name, "x'; rm -rf ~; '"));

        page.WaitForAssertion(() => Assert.Contains(page.FindAll("pre"), s => s.TextContent.Contains(@"OTEL_SERVICE_NAME='x'\''; rm -rf ~; '\'''", StringComparison.Ordinal)));
        Assert.DoesNotContain(page.FindAll("pre"), s => s.TextContent.Contains("/agents/x'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_paused_fleet_is_said_on_an_agents_page_too()
    {
        await SaveAsync(null, Agent("desk"));
        var page = Open<AgentPage>(p => p.Add(a => a.Name, "desk"));
        page.WaitForElement(".connect");

        await Services.GetRequiredService<ControlScope>().HandleAsync(Caller.System, null, ControlKind.Pause, "looking into it", default);

        page.WaitForAssertion(() => Assert.Contains("The fleet is paused.", page.Find(".held").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_agent_nobody_heard_of_appears_by_itself_once_it_is()
    {
        var page = Open<AgentPage>(p => p.Add(a => a.Name, "desk"));
        page.WaitForAssertion(() => Assert.Contains("No agent of this name", page.Markup, StringComparison.Ordinal));

        await SaveAsync(new Hint(HintKind.Agent, "desk"), Agent("desk"));

        page.WaitForAssertion(() => Assert.Contains("What rules it", page.Markup, StringComparison.Ordinal));
    }

    private Agent Agent(string name, string? held)
    {
        var agent = Agent(name);
        (agent.PolicyHeld, agent.PolicyHeldAt) = (held, held is null ? null : Now.AddMinutes(-2));
        return agent;
    }
}

public sealed class AgentPagesForAdministratorsTests : PageContext
{
    protected override string Role => Permissions.Administrator;

    [Fact]
    public async Task Reviewers_get_the_reasons_to_choose_from_that_an_administrator_gives_the_agent()
    {
        await SaveAsync(null, Agent("desk"));
        var page = Open<AgentPage>(p => p.Add(a => a.Name, "desk"));

        On(page, () => page.Find(".change"), e => e.Click());
        On(page, () => page.Find("[aria-label='Code, for the agent']"), e => e.Input("receipt"));
        page.WaitForAssertion(() => Assert.Contains("needs a code for the agent and words", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        On(page, () => page.Find("[aria-label='Words, for the reviewer']"), e => e.Input("The receipt is missing"));
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("form.codes [role=alert]")));
        On(page, () => page.Find("form.codes"), e => e.Submit());

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("form.codes")));
        page.WaitForAssertion(() => Assert.Contains("The receipt is missing", page.Markup, StringComparison.Ordinal));
        Assert.Equal("""[{"code":"receipt","label":"The receipt is missing"}]""", await ReadAsync(db => db.Agents.Where(a => a.Name == "desk").Select(a => a.RejectCodesJson).SingleAsync()));
    }

    [Fact]
    public void A_list_of_reasons_has_each_code_once_and_no_line_that_says_nothing()
    {
        var draft = new RejectCodesDraft([new("receipt", "The receipt is missing"), new("limit", "Above what is usual")]);
        draft.Add();
        Assert.Null(draft.Error);
        Assert.Equal(2, draft.Codes.Count);

        (draft.Lines[2].Code, draft.Lines[2].Label) = (" receipt ", "Again");
        Assert.Contains("receipt is there twice", draft.Error, StringComparison.Ordinal);

        while (!draft.Full)
        {
            draft.Add();
        }

        Assert.Equal(RejectCode.Most, draft.Lines.Count);
    }
}

public sealed class AgentPagesForViewersTests : PageContext
{
    protected override string Role => Permissions.Viewer;

    [Fact]
    public async Task Who_may_only_look_gets_no_brake_on_an_agent()
    {
        await SaveAsync(null, Agent("desk"));

        var list = Open<AgentsPage>();
        list.WaitForElement("tbody tr");
        Assert.Empty(list.FindAll("button"));

        var one = Render<AgentPage>(p => p.Add(a => a.Name, "desk"));
        one.WaitForElement(".connect");
        Assert.All(one.FindAll("button"), button => Assert.Equal("tab", button.GetAttribute("role")));
    }
}
