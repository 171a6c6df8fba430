using CsCheck;
using Handrail.Telemetry;

namespace Handrail.Patterns;

/// <summary>Loops are told from work: on sessions that a person has judged, and by what must hold of any.</summary>
public sealed class LoopTests(ITestOutputHelper output)
{
    private const int MostSame = 5;
    private const int MostHanded = 6;

    private static readonly Gen<Call> AnyCall = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool, Gen.Int[0, 3]).Select((kind, asked, got, agent, failed, trace) => new Call
    {
        Trace = $"{trace}",
        Kind = (StepKind)kind,
        Agent = $"a{agent}",
        StartedAt = DateTimeOffset.UnixEpoch,
        EndedAt = DateTimeOffset.UnixEpoch,
        Failed = failed,
        Target = kind == (int)StepKind.Handoff ? $"a{asked}" : null,
        Asked = asked == 0 ? null : asked,
        Got = got == 0 ? null : got,
    });

    private static readonly Gen<Call[]> AnySession = AnyCall.Array[0, 60].Select(calls => calls.Where(c => Call.IsCall(c.Kind))
        .Select((c, i) => c with { StartedAt = c.StartedAt.AddSeconds(i), EndedAt = c.StartedAt.AddSeconds(i + 1) }).ToArray());

    [Fact]
    public void Sixty_sessions_and_more_are_judged_as_a_person_judges_them()
    {
        var sessions = MadeSessions.All.ToList();
        Assert.True(sessions.Count >= 60);

        var loops = Judge("repeated calls", sessions, s => s.Loops, s => Repetition.Of(s.Calls).Count > MostSame);
        var pingPongs = Judge("ping-pong", sessions, s => s.PingPongs, s => PingPong.Of(s.Calls).Count > MostHanded);

        Assert.Equal((1, 1), loops);
        Assert.Equal((1, 1), pingPongs);
    }

    [Fact]
    public void What_a_session_came_to_at_its_worst_is_the_highest_that_was_seen_while_it_went_on() => AnySession.Sample(calls =>
    {
        int Highest(Func<Call[], int> figure) => Enumerable.Range(0, calls.Length + 1).Max(end => figure(calls[..end]));

        return PatternPeaks.Repetitions(calls) == Highest(c => Repetition.Of(c).Count)
            && PatternPeaks.Errors(calls) == Highest(c => ErrorRun.Of(c))
            && PatternPeaks.HandedOn(calls) == Highest(c => PingPong.Of(c).Count);
    });

    [Fact]
    public void A_wait_for_a_person_is_no_silence()
    {
        var start = DateTimeOffset.UnixEpoch;
        DateTimeOffset[] moments = [start, start.AddSeconds(10), start.AddSeconds(1_000), start.AddSeconds(1_030)];

        Assert.Equal(990, PatternPeaks.Silence(moments, []));
        Assert.Equal(40, PatternPeaks.Silence(moments, [(start.AddSeconds(50), start.AddSeconds(990))]));
        Assert.Equal(30, PatternPeaks.Silence(moments, [(start.AddSeconds(10), start.AddSeconds(1_000))]));
        Assert.Equal(10, PatternPeaks.Silence(moments, [(start.AddSeconds(10), DateTimeOffset.MaxValue)]));
        Assert.Equal(0, PatternPeaks.Silence([], []));
    }

    private (double Precision, double Recall) Judge(string what, IReadOnlyList<MadeSession> sessions, Func<MadeSession, bool> truly, Func<MadeSession, bool> found)
    {
        var (right, wrong, missed) = (0, 0, 0);
        foreach (var session in sessions)
        {
            switch (truly(session), found(session))
            {
                case (true, true): right++; break;
                case (false, true): wrong++; output.WriteLine($"{what}: falsely found in \"{session.Name}\""); break;
                case (true, false): missed++; output.WriteLine($"{what}: missed in \"{session.Name}\""); break;
            }
        }

        var (precision, recall) = ((double)right / (right + wrong), (double)right / (right + missed));
        output.WriteLine(FormattableString.Invariant($"{what}: {sessions.Count} sessions, {right + missed} of them so; precision {precision:0.000}, recall {recall:0.000}"));
        return (precision, recall);
    }

    [Fact]
    public void No_more_is_repeated_than_there_are_calls_in_the_window() =>
        AnySession.Sample(calls => Repetition.Of(calls).Count <= Math.Min(calls.Length, Repetition.Window));

    [Fact]
    public void One_more_of_the_same_is_one_more() =>
        AnySession.Sample(calls =>
        {
            var same = new Call { Trace = "t", Kind = StepKind.Tool, Agent = "a0", Tool = "t", Asked = 99, Got = 1, StartedAt = After(calls), EndedAt = After(calls) };
            return Enumerable.Range(1, Repetition.Window).All(n => Repetition.Of([.. calls, .. Enumerable.Repeat(same, n)]) is var found && found.Count >= n && (n <= Repetition.Window / 2 || found == new Repetition(n, StepKind.Tool, "t", KnownResult: true)));
        });

    [Fact]
    public void Calls_that_all_differ_are_no_loop() =>
        AnySession.Sample(calls => Repetition.Of([.. calls.Select((c, i) => c with { Asked = i })]).Count <= 1);

    [Fact]
    public void A_result_that_always_differs_is_no_loop() =>
        AnySession.Sample(calls => Repetition.Of([.. calls.Select((c, i) => c with { Got = i })]).Count <= 1);

    [Fact]
    public void One_agent_without_handoffs_plays_with_nobody() =>
        AnySession.Sample(calls => PingPong.Of([.. calls.Where(c => c.Kind != StepKind.Handoff).Select(c => c with { Agent = "a" })]).Count == 0);

    [Fact]
    public void New_work_ends_any_to_and_fro() =>
        AnySession.Sample(calls =>
        {
            var work = new Call { Trace = "t", Kind = StepKind.Tool, Agent = "a0", Asked = 99, Got = 1, StartedAt = After(calls), EndedAt = After(calls) };
            return PingPong.Of([.. calls, work]).Count == 0;
        });

    [Fact]
    public void Failures_count_until_the_last_success_whatever_the_order_they_come_in() =>
        AnySession.Sample(calls =>
        {
            var expected = calls.Reverse().TakeWhile(c => c.Failed).Count();
            return ErrorRun.Of(calls) == expected && ErrorRun.Of([.. calls.Reverse()]) == expected;
        });

    private static DateTimeOffset After(Call[] calls) => calls.Length == 0 ? DateTimeOffset.UnixEpoch : calls[^1].EndedAt;
}
