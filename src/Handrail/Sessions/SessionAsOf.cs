using Handrail.Handoffs;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// A session as it stood at an earlier moment: its totals from what had ended by then, its state from what had been ordered, asked and
/// answered by then. Steps count by their own clock, everything else by the console's.
/// </summary>
internal static class SessionAsOf
{
    private sealed record Part(
        string TraceId, string SpanId, string? ParentSpanId, StepKind Kind, Telling Telling, DateTimeOffset StartedAt, DateTimeOffset EndedAt, bool Failed, bool IsOwn,
        bool Counts, bool CountsCost, long? InputTokens, long? OutputTokens, long? CachedTokens, long? CostNanos, string? Agent, string? Dialect, string Name);

    public static async Task<SessionReading> ReadAsync(HandrailDb db, Session session, SessionReading now, DateTimeOffset until, CancellationToken cancel)
    {
        var steps = await StepQueries.Of(db, session).Where(s => s.StartedAt <= until).Select(s => new Part(
            s.TraceId, s.SpanId, s.ParentSpanId, s.Kind, s.Telling, s.StartedAt, s.EndedAt, s.Failed, s.IsOwn,
            s.Counts, s.CountsCost, s.InputTokens, s.OutputTokens, s.CachedTokens, s.CostNanos, s.Agent, s.Dialect, s.Name)).ToListAsync(cancel);
        var ended = steps.FindAll(s => s.EndedAt <= until);
        var calls = ended.FindAll(s => s.Counts);
        var costs = await db.CostEvents.Where(c => c.SessionId == session.Id && c.At <= until)
            .Select(c => new { c.Amount, c.Currency, c.InputTokens, c.OutputTokens }).ToListAsync(cancel);
        var handoffs = await db.Handoffs.CountAsync(h => h.SessionId == session.Id && h.Kind != HandoffKind.Sample && h.Kind != HandoffKind.Breaker && h.Kind != HandoffKind.TakeOver && h.OpenedAt <= until && (h.DecidedAt == null || h.DecidedAt > until), cancel);
        var (control, takenOverBy, obeyed) = await ControlAsync(db, session, until, cancel);
        var bypasses = await db.Actions.CountAsync(a => a.SessionId == session.Id && a.BypassJson != null && a.RequestedAt <= until, cancel);
        var over = session.EndedAt <= until;
        return now with
        {
            State = StateOf(control, obeyed, over, session.Outcome, handoffs),
            Activity = null,
            Disagreements = [.. now.Disagreements.Where(d => d.FoundAt <= until)],
            PossibleBypasses = bypasses,
            HeartbeatAt = null,
            Pending = null,
            Control = control,
            ScopePaused = false,
            TakenOverBy = takenOverBy,
            Agents = [.. steps.Select(s => s.Agent).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            OpenHandoffs = handoffs,
            Turns = steps.GroupBy(s => s.TraceId, StringComparer.Ordinal).Sum(Turns),
            Steps = steps.Count,
            LlmCalls = calls.Count(s => s.Kind == StepKind.Llm),
            ToolCalls = calls.Count(s => s.Kind == StepKind.Tool),
            Errors = Errors(ended),
            InputTokens = calls.Sum(s => s.InputTokens ?? 0) + costs.Sum(c => c.InputTokens ?? 0),
            OutputTokens = calls.Sum(s => s.OutputTokens ?? 0) + costs.Sum(c => c.OutputTokens ?? 0),
            CachedTokens = calls.Sum(s => s.CachedTokens ?? 0),
            CostNanos = ended.Where(s => s.CountsCost).Sum(s => s.CostNanos ?? 0) + costs.Sum(c => c.Currency == "USD" ? UsdNanos.From(c.Amount) ?? 0 : 0),
            UnpricedCalls = ended.Count(s => s is { CountsCost: true, CostNanos: null, Failed: false } && (s.Kind == StepKind.Llm || s.InputTokens is not null || s.OutputTokens is not null))
                + costs.Count(c => c.Currency != "USD"),
            ContextTokens = calls.Where(s => s is { Kind: StepKind.Llm, InputTokens: not null }).MaxBy(s => s.StartedAt)?.InputTokens ?? 0,
            LastActivityAt = until < session.LastActivityAt ? until : session.LastActivityAt,
            EndedAt = over ? session.EndedAt : null,
            Outcome = over ? session.Outcome : null,
            Summary = over ? session.Summary : null,
            Value = over ? now.Value : null,
            Units = over ? now.Units : null,
        };
    }

    private static int Turns(IEnumerable<Part> trace)
    {
        var count = new TurnCounting();
        foreach (var step in trace)
        {
            count.Add(step.Telling, step.Dialect, step.Name, step.ParentSpanId is not null);
        }

        return count.Turns;
    }

    private static SessionState StateOf(ControlState control, bool obeyed, bool over, string? outcome, int handoffs) => control switch
    {
        ControlState.Stopped => obeyed || over ? SessionState.Stopped : SessionState.Stopping,
        _ when over => outcome switch
        {
            "failed" => SessionState.Failed,
            "abandoned" => SessionState.Abandoned,
            _ => SessionState.Completed,
        },
        ControlState.TakenOver => SessionState.TakenOver,
        ControlState.Paused => SessionState.Paused,
        _ => handoffs > 0 ? SessionState.Waiting : SessionState.Running,
    };

    /// <summary>What was in force: the session's own orders one after the other, and the agent's and the fleet's over them.</summary>
    private static async Task<(ControlState State, string? TakenOverBy, bool Obeyed)> ControlAsync(HandrailDb db, Session session, DateTimeOffset until, CancellationToken cancel)
    {
        var commands = await ControlQueries.Concerning(db, session).Where(c => c.At <= until).OrderBy(c => c.Seq).Select(c => new { c.Seq, c.Scope, c.Kind, c.By }).ToListAsync(cancel);
        var own = ControlState.Running;
        var above = new Dictionary<string, ControlState>(StringComparer.Ordinal);
        string? by = null;
        long? stop = null;
        foreach (var command in commands)
        {
            var state = command.Kind switch
            {
                ControlKind.Pause => ControlState.Paused,
                ControlKind.Stop => ControlState.Stopped,
                ControlKind.TakeOver => ControlState.TakenOver,
                ControlKind.Resume or ControlKind.HandBack => ControlState.Running,
                _ => (ControlState?)null,
            };
            if (state is not { } ordered || own == ControlState.Stopped)
            {
                continue;
            }

            stop = ordered == ControlState.Stopped ? command.Seq : stop;
            if (command.Scope == Scopes.Session(session.Id) || ordered == ControlState.Stopped)
            {
                // A scope's stop stops its sessions for good.
                (own, by) = (ordered, ordered == ControlState.TakenOver ? command.By : null);
            }
            else
            {
                above[command.Scope] = ordered;
            }
        }

        var obeyed = stop is { } seq && await db.ControlReceipts.AnyAsync(r => r.SessionId == session.Id && r.Seq == seq && r.AcknowledgedAt <= until, cancel);
        return (ControlQueries.Strictest(own, above.Values), by, obeyed);
    }

    /// <summary>Failures of their own: one that only passed up through its parents is one.</summary>
    private static int Errors(List<Part> steps)
    {
        var failed = steps.FindAll(s => s is { Failed: true, IsOwn: true });
        if (failed.Count == 0)
        {
            return 0;
        }

        var parents = steps.ToDictionary(s => (s.TraceId, s.SpanId), s => s.ParentSpanId);
        var passed = new HashSet<(string, string)>();
        foreach (var step in failed)
        {
            for (var at = (step.TraceId, Span: step.ParentSpanId); at.Span is { } span && parents.TryGetValue((at.TraceId, span), out var up) && passed.Add((at.TraceId, span)); at = (at.TraceId, up))
            {
            }
        }

        return failed.Count(s => !passed.Contains((s.TraceId, s.SpanId)));
    }
}
