using Handrail.Access;
using Handrail.Actions;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Ingest;

/// <summary>
/// Moves what belongs to a provisional session, named by its trace, to the session that a span of that trace has named at last: all
/// but the steps, which move by their own reading. The old id leads to the new one from then on.
/// </summary>
internal sealed class ProvisionalMove(UnitOfWork unit, Bulk bulk)
{
    private readonly List<(string To, ControlState Control, string? By)> _orders = [];

    /// <summary>True when everything can move: an action's id is a key within its session, and must not meet another of that name.</summary>
    public async Task<bool> MayMoveAsync(string from, string to, CancellationToken cancel) => !await unit.Db.Actions
        .AnyAsync(a => a.SessionId == from && unit.Db.Actions.Any(b => b.SessionId == to && b.ActionId == a.ActionId), cancel);

    public async Task MoveAsync(Session from, Session to, CancellationToken cancel)
    {
        await MoveRowsAsync(from.Id, to.Id, cancel);
        await MoveBudgetsAsync(from.Id, to.Id, cancel);

        // What is left after its steps went, such as costs that no span carried.
        to.CostNanos += from.CostNanos;
        to.UnpricedCalls += from.UnpricedCalls;
        to.InputTokens += from.InputTokens;
        to.OutputTokens += from.OutputTokens;
        to.CachedTokens += from.CachedTokens;
        to.OpenHandoffs += from.OpenHandoffs;
        (from.CostNanos, from.UnpricedCalls, from.InputTokens, from.OutputTokens, from.CachedTokens, from.OpenHandoffs) = (0, 0, 0, 0, 0, 0);
        to.User ??= from.User;
        from.MovedTo = to.Id;
        from.Provisional = false;
        if (from.Control > to.Control)
        {
            // What people ordered for the one they saw holds for what it has become.
            _orders.Add((to.Id, from.Control, from.TakenOverBy));
        }

        to.Restate();
        unit.Tell(HintKind.Session, from.Id);
        unit.Tell(HintKind.Session, to.Id);
        unit.Tell(HintKind.Control, Scopes.Session(from.Id));
    }

    /// <summary>Gives the orders that moved, once the sessions' rows are written.</summary>
    public async Task ObeyAsync(CancellationToken cancel)
    {
        foreach (var (id, control, by) in _orders)
        {
            var session = await unit.Db.Sessions.SingleAsync(s => s.Id == id, cancel);
            var kind = control switch
            {
                ControlState.Stopped => ControlKind.Stop,
                ControlState.TakenOver => ControlKind.TakeOver,
                _ => ControlKind.Pause,
            };
            var caller = by is null ? Caller.System : Caller.System with { Name = by };
            await ControlSession.ApplyAsync(unit, session, caller, kind, "Ordered for the trace before its session was known", null, cancel);
        }
    }

    private async Task MoveRowsAsync(string from, string to, CancellationToken cancel)
    {
        (string, object)[] ids = [("from", from), ("to", to)];
        (string, object)[] scopes = [("from", Scopes.Session(from)), ("to", Scopes.Session(to))];
        foreach (var action in await unit.Db.Actions.AsNoTracking().Where(a => a.SessionId == from).Select(a => a.ActionId).ToListAsync(cancel))
        {
            unit.Tell(HintKind.Action, Hint.ActionKey(from, action));
        }

        var hours = $"SELECT {(bulk.Provider == DatabaseProvider.Sqlite ? "at - at % 3600000000" : "date_trunc('hour', at, 'UTC')")} FROM cost_events WHERE session_id = @from";
        string[] moved =
        [
            "UPDATE actions SET session_id = @to WHERE session_id = @from",
            "UPDATE handoffs SET session_id = @to WHERE session_id = @from",
            "UPDATE breaker_trips SET session_id = @to WHERE session_id = @from",
            "UPDATE sessions SET parent_session_id = @to WHERE parent_session_id = @from",
            "INSERT INTO control_receipts (session_id, seq, delivered_at, acknowledged_at) SELECT @to, seq, delivered_at, acknowledged_at FROM control_receipts WHERE session_id = @from ON CONFLICT (session_id, seq) DO NOTHING",
            "DELETE FROM control_receipts WHERE session_id = @from AND @to <> ''",
            "INSERT INTO session_tools (session_id, tool, first_used_at) SELECT @to, tool, first_used_at FROM session_tools WHERE session_id = @from ON CONFLICT (session_id, tool) DO NOTHING",
            "DELETE FROM session_tools WHERE session_id = @from AND @to <> ''",

            // What steps spent goes with them; what is left is found by the hours of the cost events.
            $"""
            INSERT INTO session_hours (session_id, hour, agent, kind, source, cost_nanos, input_tokens, output_tokens, cached_tokens, cache_write_tokens, calls, unpriced_calls)
            SELECT @to, hour, agent, kind, source, cost_nanos, input_tokens, output_tokens, cached_tokens, cache_write_tokens, calls, unpriced_calls FROM session_hours WHERE session_id = @from AND hour IN ({hours})
            {TallyTables.AddToSessionHour}
            """,
            $"DELETE FROM session_hours WHERE session_id = @from AND @to <> '' AND hour IN ({hours})",
            "UPDATE cost_events SET session_id = @to WHERE session_id = @from",
            "INSERT INTO session_agents (session_id, agent, steps, from_steps) SELECT @to, agent, 0, from_steps FROM session_agents WHERE session_id = @from ON CONFLICT (session_id, agent) DO NOTHING",
            "DELETE FROM session_agents WHERE session_id = @from AND @to <> ''",
            """
            UPDATE messages SET session_id = @to,
                id = CASE WHEN EXISTS (SELECT 1 FROM messages m WHERE m.session_id = @to AND m.id = messages.id) THEN @from || ':' || id ELSE id END
            WHERE session_id = @from
            """,
        ];
        foreach (var statement in moved)
        {
            await bulk.ExecuteAsync(statement, cancel, ids);
        }

        await bulk.ExecuteAsync("UPDATE control_commands SET scope = @to WHERE scope = @from", cancel, scopes);
        await MoveTripsAsync(scopes, cancel);
    }

    /// <summary>What has tripped stays tripped. A breaker that has in both is one trip, the older, and one question to a person.</summary>
    private async Task MoveTripsAsync((string Name, object Value)[] scopes, CancellationToken cancel)
    {
        const string Both =
            """
            scope = @from AND closed_at IS NULL AND EXISTS (SELECT 1 FROM breaker_trips other WHERE other.scope = @to AND other.closed_at IS NULL
                AND other.layer = breaker_trips.layer AND other.breaker_id = breaker_trips.breaker_id)
            """;
        (string, object)[] closing = [.. scopes, ("now", bulk.Time(unit.Now)), ("by", Caller.System.Name)];
        await bulk.ExecuteAsync(
            $"UPDATE handoffs SET status = 'resolved', decided_at = @now, decided_by = @by, version = version + 1 WHERE status = 'open' AND @to <> '' AND id IN (SELECT handoff_id FROM breaker_trips WHERE {Both})",
            cancel, closing);
        await bulk.ExecuteAsync($"UPDATE breaker_trips SET closed_at = @now, closed_by = @by WHERE {Both}", cancel, closing);
        await bulk.ExecuteAsync("UPDATE breaker_trips SET scope = @to WHERE scope = @from", cancel, scopes);
    }

    /// <summary>Budgets for one session carry its name in their keys, and so do the holds that actions have on them.</summary>
    private async Task MoveBudgetsAsync(string from, string to, CancellationToken cancel)
    {
        var suffix = $"|session:{from}";
        var actions = await unit.Db.Actions.Where(a => a.SessionId == to && a.BudgetsJson != null && a.BudgetsJson.Contains(from)).ToListAsync(cancel);
        foreach (var action in actions)
        {
            var holds = JsonText.Read<List<BudgetHold>>(action.BudgetsJson) ?? [];
            var moved = holds.FindAll(h => h.Key.EndsWith(suffix, StringComparison.Ordinal));
            string Renamed(string key) => key[..^from.Length] + to;
            await Budgets.TakeAsync(unit, [.. moved.Select(h => h with { Key = Renamed(h.Key) })], cancel);
            await unit.Db.SaveChangesAsync(cancel);
            action.BudgetsJson = JsonText.Of(holds.Select(h => moved.Contains(h) ? h with { Key = Renamed(h.Key) } : h));
        }

        await unit.Db.SaveChangesAsync(cancel);
        unit.Db.ChangeTracker.Clear();
    }
}
