using Handrail.Access;
using Handrail.Actions;
using Handrail.Breakers;
using Handrail.Handoffs;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Gathers what the page of one session shows.</summary>
public sealed class SessionScreens(
    HandrailStore store, SessionQueries sessions, StepQueries steps, ActionQueries actions, ControlQueries control, ObedienceQueries obedience, PolicySnapshots policies, TimeProvider time)
{
    /// <summary>Steps shown at most: beyond, the oldest are left out.</summary>
    public const int MostSteps = 5_000;

    private const int MostChildren = 20;
    private const int MostLines = 500;
    private const int MostMetrics = 200;
    private const int MostTrips = 50;

    /// <param name="until">As it stood at that moment; null for now.</param>
    /// <exception cref="Refusal">There is no such session, or none for this caller.</exception>
    public async Task<SessionScreen> ReadAsync(Caller caller, string id, DateTimeOffset? until, CancellationToken cancel)
    {
        var session = await sessions.OneAsync(caller, id, until, cancel);
        var newest = await steps.NewestAsync(caller, session.SessionId, until, MostSteps, cancel);
        var scopes = new[] { Scopes.Fleet, Scopes.Agent(session.Agent) };
        var (end, now) = (until ?? DateTimeOffset.MaxValue, time.GetUtcNow());
        var (tools, breakers) = await store.ReadAsync(caller, db => PolicyAsync(db, session, end, cancel), cancel);
        return new SessionScreen
        {
            Session = session,
            Steps = until is { } moment ? [.. newest.Select(s => AsOf(s, moment))] : newest,
            Earlier = newest.Count < MostSteps ? 0 : Math.Max(0, session.Steps - newest.Count),
            Cleared = newest.Count < MostSteps ? Math.Max(0, session.Steps - newest.Count) : 0,
            Decisions = await actions.OfSessionAsync(caller, session.SessionId, until, cancel),
            Commands = await control.ProgressAsync(caller, session.SessionId, until, cancel),
            Unobeyed = until is null ? await obedience.OneAsync(caller, session.SessionId, cancel) : null,
            Transcript = await sessions.TranscriptAsync(caller, session.SessionId, until, MostLines, cancel),
            TakenOverUntil = until is not null || session.Control != ControlState.TakenOver ? null : await store.ReadAsync(
                caller,
                db => db.Handoffs.Where(h => h.SessionId == session.SessionId && h.Kind == HandoffKind.TakeOver && h.Status == HandoffStatus.Open && h.ClaimedUntil > now)
                    .Select(h => h.ClaimedUntil).FirstOrDefaultAsync(cancel),
                cancel),
            Tools = tools,
            Breakers = breakers,
            Trips = await store.ReadAsync(caller, db => TripReading.ReadAsync(db, t => t.SessionId == session.SessionId && t.TrippedAt <= end, MostTrips, cancel), cancel),
            OtherCosts = await store.ReadAsync(caller, db => OtherCostsAsync(db, session.SessionId, end, cancel), cancel),
            Metrics = await store.ReadAsync(caller, db => MetricsAsync(db, session.SessionId, cancel), cancel),
            Children = await store.ReadAsync(
                caller,
                db => db.Sessions.Where(s => s.ParentSessionId == session.SessionId && s.MovedTo == null && s.StartedAt <= end)
                    .OrderByDescending(s => s.StartedAt).Select(s => s.Id).Take(MostChildren).ToListAsync(cancel),
                cancel),
            Held = until is null ? [.. (await control.HeldScopesAsync(caller, cancel)).Where(s => scopes.Contains(s.Scope))] : [],
        };
    }

    /// <summary>Of a step that had not ended only what its beginning told.</summary>
    private static SessionStep AsOf(SessionStep step, DateTimeOffset moment) => step.EndedAt <= moment ? step : step with
    {
        EndedAt = moment,
        Unfinished = true,
        Failed = false,
        ErrorType = null,
        ErrorMessage = null,
        InputTokens = null,
        OutputTokens = null,
        CachedTokens = null,
        CacheWriteTokens = null,
        ReasoningTokens = null,
        CostNanos = null,
        SavedNanos = null,
        Counts = false,
    };

    private static async Task<IReadOnlyList<(DateTimeOffset At, long Nanos)>> OtherCostsAsync(HandrailDb db, string id, DateTimeOffset until, CancellationToken cancel)
    {
        var costs = await db.CostEvents.Where(c => c.SessionId == id && c.Currency == "USD" && c.At <= until).OrderBy(c => c.At).Select(c => new { c.At, c.Amount }).ToListAsync(cancel);
        return costs.ConvertAll(c => (c.At, UsdNanos.From(c.Amount) ?? 0));
    }

    /// <summary>Each metric's sum over the processes that reported it.</summary>
    private static async Task<IReadOnlyList<SessionMetric>> MetricsAsync(HandrailDb db, string id, CancellationToken cancel)
    {
        var series = await db.MetricSeries.Where(m => m.SessionId == id).OrderBy(m => m.Name).Take(MostMetrics)
            .Select(m => new { m.Name, m.Unit, m.AttributesJson, m.Value, m.Kind, m.LastAt }).ToListAsync(cancel);
        return
        [
            .. series.GroupBy(m => (m.Name, m.Unit, m.AttributesJson)).Select(g => new SessionMetric(
                g.Key.Name, g.Key.Unit, g.Key.AttributesJson,
                g.First().Kind == MetricKind.Gauge ? g.MaxBy(m => m.LastAt)!.Value : g.Sum(m => m.Value), g.Max(m => m.LastAt))),
        ];
    }

    private async Task<(IReadOnlyList<UsedTool> Tools, IReadOnlyList<Breaker> Breakers)> PolicyAsync(HandrailDb db, SessionReading session, DateTimeOffset until, CancellationToken cancel)
    {
        var used = await db.SessionTools.Where(t => t.SessionId == session.SessionId && t.FirstUsedAt <= until).OrderBy(t => t.FirstUsedAt).ToListAsync(cancel);
        var layers = await policies.LayersAsync(db, session.Agent, await PolicySnapshots.VersionsAsync(db, session.Agent, forDecision: false, cancel), cancel);
        return (
            used.ConvertAll(t => new UsedTool(t.Tool, t.FirstUsedAt, Taint.Labels(layers, [t.Tool]))),
            [
                .. layers.SelectMany(l => l.Document.Breakers).Where(b => b is { Scope: BreakerScope.Session, Window: null })
                    .GroupBy(b => (b.Metric, b.Currency)).Select(g => g.MinBy(b => b.Threshold)!),
            ]);
    }
}
