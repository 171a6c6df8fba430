using System.Globalization;
using CsCheck;
using Handrail.Telemetry;
using Xunit;

namespace Handrail.Sessions;

/// <summary>What a session is said to be at: the one rule, without a database.</summary>
public sealed class SessionActivityTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<ActivityEvidence> Any = Gen.Select(
        Gen.Enum<SessionState>(), Gen.Int[0, 7_200], Gen.Int[0, 7_200].Nullable(), Gen.Enum<SessionPending>().Nullable(), Gen.Bool, Gen.Bool,
        (state, silent, heartbeat, pending, claimed, child) => new ActivityEvidence
        {
            State = state,
            LastActivityAt = Now.AddSeconds(-silent),
            HeartbeatAt = heartbeat is { } ago ? Now.AddSeconds(-ago) : null,
            Pending = pending,
            ClaimedCall = claimed,
            ChildUnderWay = child,
        });

    private static readonly Gen<ActivityEvidence> AnyRunning = Any.Select(e => e with { State = SessionState.Running });

    [Theory]
    [InlineData(0, null, null, false, false, SessionActivity.Working)]
    [InlineData(60, null, SessionPending.Nothing, false, false, SessionActivity.Working)]
    [InlineData(61, null, null, false, false, SessionActivity.Silent)]
    [InlineData(61, null, SessionPending.Nothing, false, false, SessionActivity.BetweenTurns)]
    [InlineData(61, null, SessionPending.Model, false, false, SessionActivity.InCall)]
    [InlineData(61, null, SessionPending.Tool, false, false, SessionActivity.InCall)]
    [InlineData(300, null, SessionPending.Tool, false, false, SessionActivity.InCall)]
    [InlineData(301, null, SessionPending.Tool, false, false, SessionActivity.Silent)]
    [InlineData(301, 30, SessionPending.Tool, false, false, SessionActivity.InCall)]
    [InlineData(301, 121, SessionPending.Tool, false, false, SessionActivity.Silent)]
    [InlineData(1_801, 5, SessionPending.Model, false, false, SessionActivity.Silent)]
    [InlineData(301, 5, null, false, false, SessionActivity.Silent)]
    [InlineData(3_000, null, null, true, false, SessionActivity.InCall)]
    [InlineData(3_000, null, SessionPending.Nothing, true, false, SessionActivity.InCall)]
    [InlineData(3_000, null, SessionPending.Tool, true, true, SessionActivity.OnChild)]
    [InlineData(61, null, null, false, true, SessionActivity.OnChild)]
    [InlineData(59, null, null, false, true, SessionActivity.Working)]
    public void One_that_runs_is_told_by_its_silence_and_what_it_waits_for(int silent, int? heartbeat, SessionPending? pending, bool claimed, bool child, SessionActivity activity) =>
        Assert.Equal(activity, new ActivityEvidence
        {
            State = SessionState.Running,
            LastActivityAt = Now.AddSeconds(-silent),
            HeartbeatAt = heartbeat is { } ago ? Now.AddSeconds(-ago) : null,
            Pending = pending,
            ClaimedCall = claimed,
            ChildUnderWay = child,
        }.At(Now));

    [Theory]
    [InlineData(SessionState.Waiting, SessionActivity.Waiting)]
    [InlineData(SessionState.Paused, SessionActivity.Held)]
    [InlineData(SessionState.TakenOver, SessionActivity.Held)]
    [InlineData(SessionState.Stopping, SessionActivity.Held)]
    [InlineData(SessionState.Stopped, SessionActivity.Over)]
    [InlineData(SessionState.Completed, SessionActivity.Over)]
    [InlineData(SessionState.Failed, SessionActivity.Over)]
    [InlineData(SessionState.Abandoned, SessionActivity.Over)]
    [InlineData(SessionState.Lost, SessionActivity.Lost)]
    public void Whatever_else_is_known_one_that_does_not_run_is_told_by_its_state(SessionState state, SessionActivity activity) =>
        AnyRunning.Sample(e => Assert.Equal(activity, (e with { State = state }).At(Now)));

    [Fact]
    public void Every_one_is_told_and_lost_is_only_who_was_found_to_be() => Any.Sample(e =>
    {
        var activity = e.At(Now);
        Assert.True(Enum.IsDefined(activity));
        Assert.Equal(e.State == SessionState.Lost, activity == SessionActivity.Lost);
        Assert.Equal(e.State == SessionState.Waiting, activity == SessionActivity.Waiting);
    });

    [Fact]
    public void To_know_more_that_it_waits_for_never_makes_one_silent() => AnyRunning.Where(e => e.At(Now) != SessionActivity.Silent).Sample(e =>
    {
        Assert.NotEqual(SessionActivity.Silent, (e with { ClaimedCall = true }).At(Now));
        Assert.NotEqual(SessionActivity.Silent, (e with { ChildUnderWay = true }).At(Now));
        Assert.NotEqual(SessionActivity.Silent, (e with { HeartbeatAt = Now }).At(Now));
    });

    [Fact]
    public void Who_is_silent_stays_so_until_something_is_heard() => Gen.Select(AnyRunning, Gen.Int[0, 7_200]).Where((e, _) => e.At(Now) == SessionActivity.Silent).Sample((e, later) =>
    {
        Assert.Equal(SessionActivity.Silent, e.At(Now.AddSeconds(later)));
        Assert.Equal(SessionActivity.Working, (e with { LastActivityAt = Now.AddSeconds(later) }).At(Now.AddSeconds(later)));
    });

    [Fact]
    public void A_claimed_call_or_a_child_is_never_taken_for_nothing() => AnyRunning.Where(e => e.ClaimedCall || e.ChildUnderWay).Sample(e =>
        Assert.Contains(e.At(Now), new[] { SessionActivity.Working, SessionActivity.InCall, SessionActivity.OnChild }));

    /// <summary>Steps as <c>kind start end span parent</c>, a log event marked by <c>!</c>, one that failed by <c>x</c>, a tool's name after <c>:</c>.</summary>
    [Theory]
    [InlineData("the root has come: the turn is complete", "llm 1 2 a r|agent 0 3 r -", SessionPending.Nothing)]
    [InlineData("a plain root span is a turn too", "llm 1 2 a r|other 0 3 r -", SessionPending.Nothing)]
    [InlineData("an agent's span whose service is not seen here", "llm 1 2 a r|agent 0 3 r web", SessionPending.Nothing)]
    [InlineData("a span within the turn that is no turn itself", "llm 1 2 a o|other 0 3 o r", SessionPending.Tool)]
    [InlineData("a sub-agent is done, its caller goes on", "llm 0 1 a r|llm 2 3 b s|agent 2 4 s r", SessionPending.Tool)]
    [InlineData("the model has answered, the turn goes on", "tool 0 1 t r|llm 1 2 a r", SessionPending.Tool)]
    [InlineData("the tool has answered, the turn goes on", "llm 0 1 a r|tool 1 2 t r", SessionPending.Model)]
    [InlineData("the model's call failed, the turn goes on", "llm 0 1 a r x", SessionPending.Model)]
    [InlineData("the last word of a call that no turn is known around", "llm 0 1 a -", null)]
    [InlineData("a tool that no turn is known around", "llm 0 1 a -|tool 1 2 t -", SessionPending.Model)]
    [InlineData("log events: a prompt", "human 0 0 p - !", SessionPending.Model)]
    [InlineData("log events: a tool was let go", "human 0 0 p - !|llm 1 2 a - !|human 2 2 d - ! :bash", SessionPending.Tool)]
    [InlineData("log events: it has come back", "human 0 0 p - !|llm 1 2 a - !|human 2 2 d - ! :bash|tool 2 9 t - ! :bash", SessionPending.Model)]
    [InlineData("log events: an answer may be the last", "human 0 0 p - !|llm 1 2 a - !", null)]
    [InlineData("nothing that tells", "guardrail 0 1 g r", null)]
    public void What_a_trace_leaves_open_is_read_from_what_has_not_come(string why, string steps, SessionPending? pending)
    {
        var rows = steps.Split('|').Select(Row).ToList();

        Gen.Shuffle(rows.ToArray()).Sample(any => Assert.True(pending == OpenWork.Of(any)!.Value.Pending, why), iter: 20);
        Assert.Equal(rows.Max(r => r.EndedAt), OpenWork.Of(rows)!.Value.At);
    }

    [Fact]
    public void A_second_telling_of_what_counts_elsewhere_tells_nothing()
    {
        var row = Row("llm 0 1 a r");
        row.Telling = Telling.Repeated;

        Assert.Null(OpenWork.Of([row]));
    }

    private static StepRow Row(string text)
    {
        var parts = text.Split(' ');
        return new StepRow
        {
            TraceId = "t",
            SessionId = "s",
            Name = parts[0],
            Kind = Enum.Parse<StepKind>(parts[0], ignoreCase: true),
            StartedAt = Now.AddSeconds(int.Parse(parts[1], CultureInfo.InvariantCulture)),
            EndedAt = Now.AddSeconds(int.Parse(parts[2], CultureInfo.InvariantCulture)),
            SpanId = parts[3],
            ParentSpanId = parts[4] == "-" ? null : parts[4],
            Telling = parts.Contains("!") ? Telling.Log : Telling.Span,
            Failed = parts.Contains("x"),
            ToolName = parts.FirstOrDefault(p => p.StartsWith(':'))?[1..],
        };
    }
}
