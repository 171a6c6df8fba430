using Bunit;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Shell.Display;
using Xunit;

namespace Handrail.Pages;

/// <summary>That a working session is told from a waiting, a silent and a lost one wherever it is shown.</summary>
public sealed class ActivityMarksTests : PageContext
{
    [Fact]
    public async Task The_list_tells_working_in_a_call_on_its_child_between_turns_silent_and_lost_apart()
    {
        await SaveAsync(
            null, Agent("desk"), Quiet("working", silent: 10), Quiet("call", SessionPending.Tool), Quiet("turns", SessionPending.Nothing), Quiet("silent"), Quiet("parent"),
            Child("child", "parent"), Session("waiting", SessionState.Waiting), Session("lost", SessionState.Lost));
        var page = Open<SessionsPage>();

        page.WaitForAssertion(() => Assert.Equal(
            [("call", "In a call"), ("child", "Working"), ("lost", "Lost"), ("parent", "On its child"), ("silent", "Silent"), ("turns", "Between turns"), ("waiting", "Waiting"), ("working", "Working")],
            page.FindAll("tbody tr[aria-rowindex]").Select(r => (r.QuerySelector(".what a")!.TextContent.Trim(), r.QuerySelector(".badge")!.TextContent.Trim())).Order()));
    }

    [Fact]
    public async Task A_line_whose_agent_does_not_obey_says_so()
    {
        var (quiet, busy) = (Quiet("quiet", control: ControlState.Paused, silent: 120), Quiet("busy", control: ControlState.Paused, silent: 5));
        await SaveAsync(
            null, Agent("desk"), quiet, busy,
            new ControlCommand { Seq = 1, Scope = Scopes.Session("quiet"), Kind = ControlKind.Pause, By = "ben@example.com", At = Now.AddSeconds(-60) },
            new ControlCommand { Seq = 2, Scope = Scopes.Session("busy"), Kind = ControlKind.Pause, By = "ben@example.com", At = Now.AddSeconds(-60) });
        var page = Open<SessionsPage>();

        page.WaitForAssertion(() => Assert.Equal(
            [("busy", "not obeying"), ("quiet", "not confirmed")],
            page.FindAll("tbody tr[aria-rowindex]").Select(r => (r.QuerySelector(".what a")!.TextContent.Trim(), r.QuerySelector(".mark")!.TextContent.Trim())).Order()));
    }

    [Fact]
    public async Task A_session_s_page_says_why_it_is_silent()
    {
        await SaveAsync(null, Agent("desk"), Quiet("s1", SessionPending.Tool, silent: 200));
        var page = Open<OneSessionPage>(p => p.Add(x => x.Id, "s1"));

        page.WaitForAssertion(() => Assert.Contains("Nothing has come of it for 3 min 20 s: a tool call is open.", page.Find(".at").TextContent));
        Assert.Equal("In a call", page.Find(".page-head .badge").TextContent.Trim());
    }

    [Fact]
    public async Task One_that_is_stuck_in_the_middle_of_a_turn_is_said_to_be_and_whether_its_process_is_there()
    {
        var stuck = Quiet("s1", SessionPending.Model, silent: 2_400);
        stuck.HeartbeatAt = Now.AddSeconds(-20);
        await SaveAsync(null, Agent("desk"), stuck);
        var page = Open<OneSessionPage>(p => p.Add(x => x.Id, "s1"));

        page.WaitForAssertion(() => Assert.Contains("It may be stuck: nothing has come of it for 40 min, in the middle of a turn", page.Find(".at").TextContent));
        Assert.Contains("Its process is there", page.Find(".at").TextContent);
        Assert.Equal("Silent", page.Find(".page-head .badge").TextContent.Trim());
    }

    [Fact]
    public async Task One_at_work_needs_no_explanation()
    {
        await SaveAsync(null, Agent("desk"), Quiet("s1", silent: 3));
        var page = Open<OneSessionPage>(p => p.Add(x => x.Id, "s1"));

        page.WaitForElement(".page-head .badge");
        Assert.Empty(page.FindAll(".at"));
    }

    [Fact]
    public void Every_activity_of_a_running_session_has_a_word_and_an_icon_of_its_own()
    {
        SessionActivity[] running = [SessionActivity.Working, SessionActivity.InCall, SessionActivity.OnChild, SessionActivity.BetweenTurns, SessionActivity.Silent];
        var chips = running.Select(a => Render<StateChip>(p => p.Add(c => c.State, SessionState.Running).Add(c => c.Activity, a))).ToList();

        Assert.Equal(running.Length, chips.Select(c => c.Find(".badge").TextContent.Trim()).Distinct().Count());
        Assert.Equal(running.Length, chips.Select(c => c.Find("svg").InnerHtml).Distinct().Count());
    }

    private Session Quiet(string id, SessionPending? pending = null, int silent = 200, ControlState control = ControlState.Running)
    {
        var session = Session(id);
        (session.LastActivityAt, session.Pending, session.Control) = (Now.AddSeconds(-silent), pending, control);
        session.Restate();
        return session;
    }

    private Session Child(string id, string parent)
    {
        var session = Quiet(id, silent: 5);
        session.ParentSessionId = parent;
        return session;
    }
}
