using System.Text;
using Bunit;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

public sealed class SessionPageTests : PageContext
{
    [Fact]
    public async Task A_step_shows_as_soon_as_it_is_committed()
    {
        await SaveAsync(null, Agent("desk"), Session("s1", title: "Refund"), Step("s1", "a", StepKind.Llm));
        var page = Open("s1");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".step")));

        await SaveAsync(new Hint(HintKind.Session, "s1"), Step("s1", "b", StepKind.Tool));

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".step").Count));
        Assert.Contains("Tool", page.FindAll(".step")[1].TextContent);
        Assert.Contains("refund_order", page.FindAll(".step")[1].TextContent);
    }

    [Fact]
    public async Task An_open_step_shows_what_it_said_as_quoted_text()
    {
        await SaveAsync(
            null, Agent("desk"), Session("s1"), Step("s1", "a", StepKind.Tool),
            new StepContent { TraceId = "t1", SpanId = "a", Body = Encoding.UTF8.GetBytes("\0" + """{"tool_arguments":"{\"to\":\"<b>Mallory</b>\"}","attributes":{"x":1}}""") });
        Services.GetRequiredService<NavigationManager>().NavigateTo("/sessions/s1?step=t1.a");

        var page = Open("s1");

        page.WaitForAssertion(() => Assert.Contains("<b>Mallory</b>", page.Find(".detail blockquote").TextContent));
        Assert.Empty(page.FindAll(".detail b"));
        Assert.Equal("true", page.Find(".step").GetAttribute("aria-expanded"));
    }

    [Fact]
    public async Task A_decision_shows_with_its_reasons_and_who_made_it()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"), Action("a1", ActionStatus.Pending));
        var page = Open("s1");
        page.WaitForAssertion(() => Assert.Contains("Waiting", page.Find(".decision").TextContent));
        Assert.Contains("over the 25.00 USD", page.Find(".decision").TextContent);
        Assert.Contains("48.20 USD", page.Find(".decision").TextContent);
        Assert.Contains(page.FindAll(".decision a"), a => a.GetAttribute("href") == "/inbox?handoff=h1");

        var decided = Action("a1", ActionStatus.Approved);
        (decided.DecidedBy, decided.DecidedAt, decided.Note) = ("ben@example.com", Now, "fine by me");
        await SaveAsync(new Hint(HintKind.Action, Hint.ActionKey("s1", "a1")), decided);

        page.WaitForAssertion(() => Assert.Contains("Approved by ben@example.com", page.Find(".decision").TextContent));
        Assert.Contains("fine by me", page.Find(".decision").TextContent);
    }

    [Fact]
    public async Task Stopping_takes_a_reason_and_shows_whether_the_agent_obeyed()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"));
        var page = Open("s1");

        page.WaitForElement("[aria-label='Stop this session']").Click();
        Confirm("it repeats itself");

        page.WaitForAssertion(() => Assert.Contains("Requested", page.Find(".command").TextContent));
        Assert.Contains("it repeats itself", page.Find(".command").TextContent);
        Assert.Contains("Stopping", page.Find(".page-head").TextContent);
        Assert.Empty(page.FindAll("[aria-label='Stop this session']"));

        await Eventually.HoldsAsync("silence shows as not confirmed", () =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            return page.Find(".command").TextContent.Contains("Not confirmed", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_session_that_nobody_has_named_yet_appears_once_it_is()
    {
        var page = Open("later");
        page.WaitForAssertion(() => Assert.Contains("There is no such session", page.Markup));

        await SaveAsync(new Hint(HintKind.Session, "later"), Session("later", title: "Here I am"));

        page.WaitForAssertion(() => Assert.Equal("Here I am", page.Find("h1").TextContent.Trim()));
    }

    [Fact]
    public async Task Of_a_long_session_the_newest_steps_show_and_stay_where_they_are_while_more_come()
    {
        var session = Session("s1");
        session.Steps = 302;
        await SaveAsync(null, [Agent("desk"), session, .. Enumerable.Range(0, 302).Select(i => Numbered(i))]);
        var page = Open("s1");
        page.WaitForAssertion(() => Assert.Equal("tool 2", page.Find(".step .name").TextContent.Trim()));

        session.Steps = 303;
        await SaveAsync(new Hint(HintKind.Session, "s1"), session, Numbered(302));

        page.WaitForAssertion(() => Assert.Equal("tool 302", page.FindAll(".step .name")[^1].TextContent.Trim()));
        Assert.Equal("tool 2", page.Find(".step .name").TextContent.Trim());

        page.FindAll("button").Single(b => b.TextContent.Contains("2 more", StringComparison.Ordinal)).Click();

        page.WaitForAssertion(() => Assert.Equal("tool 0", page.Find(".step .name").TextContent.Trim()));
    }

    private StepRow Numbered(int number) => new()
    {
        TraceId = "t1",
        SpanId = $"{number:x16}",
        SessionId = "s1",
        Kind = StepKind.Tool,
        Name = "execute_tool",
        ToolName = $"tool {number}",
        StartedAt = Now.AddSeconds(number - 1_000),
        EndedAt = Now.AddSeconds(number - 999),
        ReceivedAt = Now,
    };

    private IRenderedComponent<IComponent> Open(string id) => Open<OneSessionPage>(p => p.Add(s => s.Id, id));

    private StepRow Step(string session, string span, StepKind kind) => new()
    {
        TraceId = "t1",
        SpanId = span,
        SessionId = session,
        Kind = kind,
        Name = $"step {span}",
        ToolName = kind == StepKind.Tool ? "refund_order" : null,
        StartedAt = Now.AddSeconds(-10 + span[0] - 'a'),
        EndedAt = Now.AddSeconds(-8 + span[0] - 'a'),
        ReceivedAt = Now,
    };

    private GatedAction Action(string id, ActionStatus status) => new()
    {
        SessionId = "s1",
        ActionId = id,
        Digest = "d",
        Team = "default",
        Agent = "desk",
        Type = "expense.approve",
        Amount = 48.20m,
        Currency = "USD",
        Risk = "external",
        Verdict = Verdict.Review,
        Status = status,
        ReasonsJson = """[{"rule":"limit:expense.approve","text":"48.20 USD is over the 25.00 USD that may go without a person"}]""",
        PolicyVersion = "1.0",
        FactsJson = "{}",
        HandoffId = "h1",
        RequestedAt = Now,
    };
}

public sealed class SessionPageForReviewersTests : PageContext
{
    protected override string Role => Permissions.Reviewer;

    [Fact]
    public async Task Who_may_not_control_gets_no_brake()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"));

        var page = Open<OneSessionPage>(p => p.Add(s => s.Id, "s1"));

        page.WaitForElement("h1");
        Assert.Empty(page.FindAll("button"));
    }
}
