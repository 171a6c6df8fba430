using System.Text;
using Bunit;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Ingest;
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
            new StepContent { TraceId = "t1", SpanId = "a", ReceivedAt = Now, Body = Encoding.UTF8.GetBytes("\0" + """{"tool_arguments":"{\"to\":\"<b>Mallory</b>\"}","attributes":{"x":1}}""") });
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

        On(page, () => page.Find("[aria-label='Stop this session']"), e => e.Click());
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
    public async Task Going_back_in_time_shows_what_had_happened_by_then()
    {
        var decided = Action("a1", ActionStatus.Approved);
        (decided.RequestedAt, decided.DecidedBy, decided.DecidedAt) = (Now.AddSeconds(-9), "ben@example.com", Now.AddSeconds(-2));
        var session = Session("s1");
        (session.Steps, session.ToolCalls, session.Turns) = (2, 1, 1);
        var call = Step("s1", "a", StepKind.Llm);
        (call.Counts, call.InputTokens, call.CostNanos) = (true, 100, 5_000_000);
        await SaveAsync(null, Agent("desk"), session, call, Step("s1", "d", StepKind.Tool), decided);
        Services.GetRequiredService<NavigationManager>().NavigateTo($"/sessions/s1?until={Uri.EscapeDataString(Now.AddSeconds(-9).ToString("O"))}");

        var page = Open("s1");

        page.WaitForAssertion(() => Assert.Contains("As it stood at", page.Find(".past").TextContent));
        var step = Assert.Single(page.FindAll(".step"));
        Assert.Contains("running", step.TextContent);
        Assert.Contains("0.0000 USD", page.Find(".totals").TextContent);
        Assert.Contains("Waiting", page.Find(".decision").TextContent);
        Assert.DoesNotContain("ben@example.com", page.Markup);
        Assert.Empty(page.FindAll("[aria-label='Stop this session']"));

        Assert.Equal("/sessions/s1", page.Find(".past a").GetAttribute("href"));
    }

    [Fact]
    public async Task The_scrubber_goes_from_change_to_change()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"), Step("s1", "a", StepKind.Llm), Step("s1", "d", StepKind.Tool));
        var page = Open("s1");
        page.WaitForAssertion(() => Assert.Equal("3", page.Find("#scrubber").GetAttribute("value")));

        On(page, () => page.Find("[aria-label='One change earlier']"), e => e.Click());

        Assert.Contains("until=2026-05-01T12%3A29%3A53.000000Z", Services.GetRequiredService<NavigationManager>().Uri);
    }

    [Fact]
    public async Task The_transcript_is_read_from_the_steps_when_the_agent_reports_none()
    {
        var call = Step("s1", "a", StepKind.Llm);
        call.Counts = true;
        await SaveAsync(
            null, Agent("desk"), Session("s1"), call,
            new StepContent
            {
                TraceId = "t1", SpanId = "a", ReceivedAt = Now,
                Body = Encoding.UTF8.GetBytes("\0" + """{"input_messages":"[{\"role\":\"system\",\"content\":\"be kind\"},{\"role\":\"user\",\"content\":\"Where is my parcel?\"}]","output_messages":"[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"On its <i>way</i>.\"}]}]","attributes":{}}"""),
            });

        var page = Open("s1");

        page.WaitForAssertion(() => Assert.Equal(["Where is my parcel?", "On its <i>way</i>."], page.FindAll(".transcript blockquote").Select(q => q.TextContent)));
        Assert.DoesNotContain("be kind", page.Find(".transcript").TextContent);
    }

    [Fact]
    public async Task What_one_agent_says_to_another_is_headed_by_the_agent_that_spoke()
    {
        // The desk is asked by its user, calls the refunds agent within its turn, and hands over to the writer, whose turn is a trace of its own.
        var (desk, within, handover, taken, again) =
            (Step("s1", "a", StepKind.Llm), Step("s1", "b", StepKind.Llm), Step("s1", "c", StepKind.Handoff), Step("s1", "d", StepKind.Llm), Step("s1", "e", StepKind.Llm));
        (desk.Agent, desk.Counts, desk.TraceId) = ("desk", true, "t1");
        (within.Agent, within.Counts, within.TraceId, within.ParentSpanId) = ("refunds", true, "t2", "x");
        var boss = Step("s1", "x", StepKind.Agent);
        (boss.Agent, boss.TraceId) = ("desk", "t2");
        (handover.Agent, handover.HandoffTarget, handover.TraceId) = ("desk", "Writer_Agent", "t3");
        (taken.Agent, taken.Counts, taken.TraceId) = ("writer agent", true, "t4");
        (again.Agent, again.Counts, again.TraceId) = ("writer agent", true, "t5");
        var at = Now.AddMinutes(-5);
        foreach (var step in new[] { desk, boss, within, handover, taken, again })
        {
            (step.StartedAt, step.EndedAt) = (at, at.AddSeconds(1));
            at = at.AddSeconds(2);
        }

        StepContent Said(StepRow of, string asked) => new()
        {
            TraceId = of.TraceId, SpanId = of.SpanId, ReceivedAt = of.ReceivedAt,
            Body = Encoding.UTF8.GetBytes("\0" + """{"input_messages":"[{\"role\":\"user\",\"content\":\"ASKED\"}]","attributes":{}}""".Replace("ASKED", asked, StringComparison.Ordinal)),
        };
        await SaveAsync(null, Agent("desk"), Session("s1"), desk, boss, within, handover, taken, again, Said(desk, "one"), Said(within, "two"), Said(taken, "three"), Said(again, "four"));

        var page = Open("s1");

        page.WaitForAssertion(() => Assert.Equal(
            ["User: one", "Agent desk: two", "Agent desk: three", "User: four"],
            page.FindAll(".transcript .line").Select(l => $"{l.QuerySelector("strong")!.TextContent.Trim()}: {l.QuerySelector("blockquote")!.TextContent.Trim()}")));
    }

    [Fact]
    public async Task Curves_failures_agents_and_metrics_are_drawn_from_what_came()
    {
        var (boss, call, failed) = (Step("s1", "a", StepKind.Agent), Step("s1", "b", StepKind.Llm), Step("s1", "c", StepKind.Tool));
        (boss.Agent, call.Agent, call.ParentSpanId, call.Counts, call.InputTokens, call.CostNanos) = ("desk", "refunds", "a", true, 800, 5_000_000);
        call.Origins = new TokenOrigins(100, 0, 100, 0, 200, 0).Pack();
        (failed.Agent, failed.Failed, failed.ErrorType) = ("refunds", true, "timeout");
        await SaveAsync(
            null, Agent("desk"), Session("s1"), boss, call, failed,
            new MetricSeries { Id = "m", Team = "default", SessionId = "s1", Name = "claude_code.token.usage", AttributesJson = "{}", Value = 42, LastAt = Now });

        var page = Open("s1");

        page.WaitForAssertion(() => Assert.Contains("refunds", page.Find(".graph").TextContent));
        Assert.Contains("had work done by", page.Markup);
        Assert.Contains("timeout", page.Find(".errors").TextContent);
        Assert.Contains("Tool output", page.Markup);
        Assert.Contains("about 400", page.Markup);
        Assert.Contains("claude_code.token.usage", page.Markup);
        Assert.Equal(2, page.FindAll(".curve").Count);
    }

    [Fact]
    public async Task An_open_step_can_be_copied_as_OTLP()
    {
        await SaveAsync(
            null, Agent("desk"), Session("s1"), Step("s1", "a", StepKind.Tool),
            new StepContent { TraceId = "t1", SpanId = "a", ReceivedAt = Now, Body = Encoding.UTF8.GetBytes("\0" + """{"tool_arguments":"{}","attributes":{"attributes":{"gen_ai.tool.name":"refund_order"}}}""") });
        Services.GetRequiredService<NavigationManager>().NavigateTo("/sessions/s1?step=t1.a");

        var page = Open("s1");

        page.WaitForAssertion(() => Assert.Contains("\"gen_ai.tool.call.arguments\"", page.Find(".detail .snippet").TextContent));
        Assert.Contains("resourceSpans", page.Find(".detail .snippet").TextContent);
    }

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

public sealed class SessionPageForViewersTests : PageContext
{
    protected override string Role => Permissions.Viewer;

    [Fact]
    public async Task Who_may_only_look_gets_no_button()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"));

        var page = Open<OneSessionPage>(p => p.Add(s => s.Id, "s1"));

        page.WaitForElement("h1");
        Assert.Empty(page.FindAll("button"));
    }

    [Fact]
    public async Task Who_may_not_read_content_sees_that_something_was_said_and_not_what()
    {
        var step = new StepRow { TraceId = "t1", SpanId = "a", SessionId = "s1", Kind = StepKind.Tool, Name = "x", StartedAt = Now, EndedAt = Now, ReceivedAt = Now };
        await SaveAsync(
            null, Agent("desk"), Session("s1"), step,
            new StepContent { TraceId = "t1", SpanId = "a", ReceivedAt = Now, Body = Encoding.UTF8.GetBytes("\0" + """{"tool_arguments":"the secret","attributes":{"x":"the secret"}}""") },
            new TranscriptMessage { SessionId = "s1", Id = "m", Role = "user", Text = "the secret", At = Now });
        Services.GetRequiredService<NavigationManager>().NavigateTo("/sessions/s1?step=t1.a");

        var page = Open<OneSessionPage>(p => p.Add(s => s.Id, "s1"));

        page.WaitForAssertion(() => Assert.Contains("your roles may not read it", page.Find(".detail").TextContent));
        Assert.Contains("not what", page.Find(".transcript").TextContent);
        Assert.Single(page.FindAll(".transcript .line"));
        Assert.DoesNotContain("the secret", page.Markup);
    }
}

public sealed class SessionPageForReviewersTests : PageContext
{
    protected override string Role => Permissions.Reviewer;

    [Fact]
    public async Task Who_may_not_control_gets_no_brake_and_may_take_the_session_in_hand()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"));

        var page = Open<OneSessionPage>(p => p.Add(s => s.Id, "s1"));

        page.WaitForElement("h1");
        Assert.Equal("Take over…", Assert.Single(page.FindAll("button")).TextContent.Trim());
    }
}
