using Handrail.Breakers;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Ingest;

/// <summary>Writes what a batch adds beside the sessions themselves: turns, agents and tools of sessions, costs by the hour.</summary>
internal static class TallyTables
{
    /// <summary>Columns of an hour whose figures senders choose.</summary>
    private static readonly string[] LargeSums = ["cost_nanos", "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "duration_micros"];

    private static readonly string AddToHour =
        $"""
        ON CONFLICT (hour, agent, kind, source) DO UPDATE SET {string.Join(", ", LargeSums.Select(c => $"{c} = {BoundedSum.Sql("hourly_costs", c)}"))},
            calls = hourly_costs.calls + excluded.calls, errors = hourly_costs.errors + excluded.errors, unpriced_calls = hourly_costs.unpriced_calls + excluded.unpriced_calls
        """;

    private static readonly string[] SessionSums = ["cost_nanos", "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens"];

    /// <summary>What a session's row has and another of the same key brings.</summary>
    public static readonly string AddToSessionHour =
        $"""
        ON CONFLICT (hour, session_id, agent, kind, source) DO UPDATE SET {string.Join(", ", SessionSums.Select(c => $"{c} = {BoundedSum.Sql("session_hours", c)}"))},
            calls = session_hours.calls + excluded.calls, unpriced_calls = session_hours.unpriced_calls + excluded.unpriced_calls
        """;

    private static readonly string[] MinuteSums = ["turns", "steps", "llm_calls", "tool_calls", "errors", "unpriced_calls"];

    private static readonly string AddToMinute =
        $"""
        ON CONFLICT (minute, agent) DO UPDATE SET cost_nanos = {BoundedSum.Sql("agent_minutes", "cost_nanos")}, tokens = {BoundedSum.Sql("agent_minutes", "tokens")},
            {string.Join(", ", MinuteSums.Select(c => $"{c} = agent_minutes.{c} + excluded.{c}"))}
        """;

    public static async Task WriteTurnsAsync(Bulk bulk, Tally tally, CancellationToken cancel)
    {
        var turns = tally.Turns.Select(t => new Turn { SessionId = t.Key.Session, TraceId = t.Key.Trace, Steps = t.Value.Steps, StartedAt = t.Value.StartedAt })
            .OrderBy(t => t.TraceId, StringComparer.Ordinal).ToList();
        await bulk.InsertAsync(
            "turns", SessionColumns.Turns, turns.FindAll(t => t.Steps > 0),
            "ON CONFLICT (session_id, trace_id) DO UPDATE SET steps = excluded.steps, started_at = excluded.started_at", cancel);
        await bulk.DeleteAsync("turns", SessionColumns.Turns[..2], turns.FindAll(t => t.Steps == 0), "", cancel);
    }

    /// <summary>Which agents worked in which sessions, and how much.</summary>
    /// <returns>Agents that a session no longer has.</returns>
    public static async Task<IReadOnlyCollection<string>> WriteAgentsAsync(Bulk bulk, Tally tally, CancellationToken cancel)
    {
        var rows = tally.Sessions.SelectMany(s => s.Value.Agents.Where(a => a.Value != 0).Select(a => new SessionAgent { SessionId = s.Key, Agent = a.Key, Steps = a.Value, FromSteps = true }))
            .OrderBy(a => a.SessionId, StringComparer.Ordinal).ThenBy(a => a.Agent, StringComparer.Ordinal).ToList();
        await bulk.InsertAsync(
            "session_agents", SessionColumns.Agents, rows,
            "ON CONFLICT (session_id, agent) DO UPDATE SET steps = session_agents.steps + excluded.steps", cancel);
        var fewer = rows.FindAll(a => a.Steps < 0);
        var gone = await bulk.DeleteAsync(
            "session_agents", SessionColumns.Agents[..2], fewer,
            " AND from_steps AND steps <= 0 AND NOT EXISTS (SELECT 1 FROM actions WHERE actions.session_id = session_agents.session_id AND actions.agent = session_agents.agent)",
            cancel);
        return gone == 0 ? [] : [.. fewer.Select(a => a.Agent).Distinct(StringComparer.Ordinal)];
    }

    public static Task<int> WriteToolsAsync(Bulk bulk, Tally tally, DateTimeOffset now, CancellationToken cancel) => bulk.InsertAsync(
        "session_tools", SessionColumns.Tools,
        [
            .. tally.Tools.Select(t => new SessionTool { SessionId = t.Key.Session, Tool = t.Key.Tool, FirstUsedAt = t.Value < now ? t.Value : now })
                .OrderBy(t => t.SessionId, StringComparer.Ordinal).ThenBy(t => t.Tool, StringComparer.Ordinal),
        ],
        "ON CONFLICT (session_id, tool) DO NOTHING", cancel);

    /// <summary>What agents came to by the console's clock; as <see cref="WriteHoursAsync"/> at the end of a batch, in its order.</summary>
    public static Task<int> WriteMinutesAsync(Bulk bulk, IEnumerable<AgentMinute> minutes, CancellationToken cancel) => bulk.InsertAsync(
        "agent_minutes", SessionColumns.Minutes, [.. minutes.Where(m => !m.IsEmpty).OrderBy(m => m.Agent, StringComparer.Ordinal)], AddToMinute, cancel);

    /// <summary>What sessions spent by the hour; the caller holds the sessions.</summary>
    public static Task<int> WriteSessionHoursAsync(Bulk bulk, IEnumerable<Costs.SessionHour> hours, CancellationToken cancel) => bulk.InsertAsync(
        "session_hours", SessionColumns.SessionHours,
        [
            .. hours.Where(h => !h.IsEmpty).OrderBy(h => h.Hour).ThenBy(h => h.SessionId, StringComparer.Ordinal).ThenBy(h => h.Agent, StringComparer.Ordinal)
                .ThenBy(h => h.Kind, StringComparer.Ordinal).ThenBy(h => h.Source, StringComparer.Ordinal),
        ],
        AddToSessionHour,
        cancel);

    /// <summary>How long calls took; as <see cref="WriteHoursAsync"/> at the end of a batch, in its order.</summary>
    public static Task<int> WriteLatenciesAsync(Bulk bulk, Tally tally, CancellationToken cancel) => bulk.InsertAsync(
        "call_latencies", SessionColumns.Latencies,
        [
            .. tally.Latencies.Where(l => l.Value != 0)
                .Select(l => new CallLatency { Hour = l.Key.Hour, Agent = l.Key.Agent, Kind = l.Key.Kind, Bucket = l.Key.Bucket, Calls = l.Value })
                .OrderBy(l => l.Hour).ThenBy(l => l.Agent, StringComparer.Ordinal).ThenBy(l => l.Kind, StringComparer.Ordinal).ThenBy(l => l.Bucket),
        ],
        "ON CONFLICT (hour, agent, kind, bucket) DO UPDATE SET calls = call_latencies.calls + excluded.calls", cancel);

    /// <summary>The last of a batch's writes: these rows are everybody's, and are held until the commit.</summary>
    public static Task<int> WriteHoursAsync(Bulk bulk, IEnumerable<Costs.HourlyCost> hours, CancellationToken cancel) => bulk.InsertAsync(
        "hourly_costs", SessionColumns.Hours,
        [
            .. hours.Where(h => !h.IsEmpty)
                .OrderBy(h => h.Hour).ThenBy(h => h.Agent, StringComparer.Ordinal).ThenBy(h => h.Kind, StringComparer.Ordinal).ThenBy(h => h.Source, StringComparer.Ordinal),
        ],
        AddToHour,
        cancel);
}
