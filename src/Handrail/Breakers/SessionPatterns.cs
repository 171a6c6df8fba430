using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;

namespace Handrail.Breakers;

/// <summary>Looks for loops in a session's last calls, where something hints at one.</summary>
/// <param name="before">Where a window that ends now begins.</param>
internal sealed class SessionPatterns(HandrailDb db, Noticed noticed, DateTimeOffset now, Func<TimeSpan, DateTimeOffset> before)
{
    private List<(Call Call, DateTimeOffset ReceivedAt, string Session)>? _own;
    private List<(Call Call, DateTimeOffset ReceivedAt, string Session)>? _line;

    private Session Session => noticed.Session;

    /// <summary>Whether looking is worth while: nothing that was just committed can have brought the figure up otherwise.</summary>
    public static bool MayHave(Noticed noticed, Breaker breaker) => breaker.Metric switch
    {
        BreakerMetric.RepeatedCalls => noticed.Signs.HasFlag(LoopSigns.Repeats) && noticed.Session.Steps > breaker.Threshold,
        BreakerMetric.ConsecutiveErrors => noticed.Signs.HasFlag(LoopSigns.Fails) && noticed.Session.Errors > breaker.Threshold,
        BreakerMetric.PingPong => (noticed.Signs.HasFlag(LoopSigns.HandsOver) && noticed.Session.Steps > breaker.Threshold) || noticed.Session.ParentSessionId is not null,
        _ => false,
    };

    /// <param name="since">Calls that were committed before are not counted: a person has resumed since. Null counts all.</param>
    public async Task<TripFound> FigureAsync(StandingBreaker standing, DateTimeOffset? since, CancellationToken cancel)
    {
        var breaker = standing.Breaker;
        if (breaker.Metric == BreakerMetric.PingPong)
        {
            var line = await LineAsync(breaker, cancel);
            var calls = Since(line, since, breaker.Window);
            var found = PingPong.Of(calls);
            return new TripFound(standing, found.Count)
            {
                Detail = new TripDetail(null, false, found.Agents),
                Linked = [.. line.Where(c => c.Session != Session.Id && found.Agents.Contains(c.Call.Agent)).Select(c => c.Session).Distinct(StringComparer.Ordinal)],
            };
        }

        _own ??= await RecentCalls.ReadAsync(db, [Session.Id], breaker.Threshold, now, cancel);
        if (breaker.Metric == BreakerMetric.ConsecutiveErrors)
        {
            return new TripFound(standing, ErrorRun.Of(Since(_own, since, breaker.Window)));
        }

        var same = Repetition.Of(Since(_own, since, breaker.Window));
        return new TripFound(standing, same.Count) { Detail = new TripDetail(same.Tool, same.KnownResult, null) };
    }

    /// <summary>With the calls of the sessions that it goes on from.</summary>
    private async Task<List<(Call Call, DateTimeOffset ReceivedAt, string Session)>> LineAsync(Breaker breaker, CancellationToken cancel) =>
        _line ??= await RecentCalls.ReadAsync(db, Session.ParentSessionId is null ? [Session.Id] : await RecentCalls.LineAsync(db, Session, cancel), breaker.Threshold, now, cancel);

    private Call[] Since(List<(Call Call, DateTimeOffset ReceivedAt, string Session)> calls, DateTimeOffset? since, TimeSpan? window)
    {
        var from = window is { } past && (since is null || before(past) > since) ? before(past) : since;
        return [.. calls.Where(c => from is null || c.ReceivedAt > from).Select(c => c.Call)];
    }
}
