using Handrail.Breakers;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Ingest;

/// <summary>The columns of the sessions' tables that telemetry writes.</summary>
internal static class SessionColumns
{
    public static readonly BulkColumn<Session>[] Key = [BulkColumn.Text<Session>("id", s => s.Id)];

    /// <summary>What telemetry changes. Never the version: people's <c>If-Match</c> is about control and outcome.</summary>
    public static readonly BulkColumn<Session>[] Totals =
    [
        BulkColumn.Text<Session>("agent", s => s.Agent),
        BulkColumn.Text<Session>("agent_version", s => s.AgentVersion),
        BulkColumn.Text<Session>("user", s => s.User),
        BulkColumn.Word<Session, SessionState>("state", s => s.State),
        BulkColumn.Word<Session, ControlState>("control", s => s.Control),
        BulkColumn.Flag<Session>("scope_paused", s => s.ScopePaused),
        BulkColumn.Integer<Session>("open_handoffs", s => s.OpenHandoffs),
        BulkColumn.Integer<Session>("turns", s => s.Turns),
        BulkColumn.Integer<Session>("steps", s => s.Steps),
        BulkColumn.Integer<Session>("llm_calls", s => s.LlmCalls),
        BulkColumn.Integer<Session>("tool_calls", s => s.ToolCalls),
        BulkColumn.Integer<Session>("errors", s => s.Errors),
        BulkColumn.Long<Session>("input_tokens", s => s.InputTokens),
        BulkColumn.Long<Session>("output_tokens", s => s.OutputTokens),
        BulkColumn.Long<Session>("cached_tokens", s => s.CachedTokens),
        BulkColumn.Long<Session>("cost_nanos", s => s.CostNanos),
        BulkColumn.Integer<Session>("unpriced_calls", s => s.UnpricedCalls),
        BulkColumn.Long<Session>("context_tokens", s => s.ContextTokens),
        BulkColumn.Time<Session>("context_at", s => s.ContextAt),
        BulkColumn.Time<Session>("started_at", s => s.StartedAt),
        BulkColumn.Time<Session>("first_received_at", s => s.FirstReceivedAt),
        BulkColumn.Time<Session>("last_activity_at", s => s.LastActivityAt),
        BulkColumn.Text<Session>("pending", s => s.Pending?.Text()),
        BulkColumn.Time<Session>("pending_at", s => s.PendingAt),
        BulkColumn.Flag<Session>("provisional", s => s.Provisional),
        BulkColumn.Text<Session>("moved_to", s => s.MovedTo),
        BulkColumn.Text<Session>("parent_session_id", s => s.ParentSessionId),
    ];

    public static readonly BulkColumn<Session>[] All =
    [
        .. Key,
        BulkColumn.Text<Session>("team", s => s.Team),
        .. Totals,
        BulkColumn.Flag<Session>("stop_acknowledged", s => s.StopAcknowledged),
        BulkColumn.Long<Session>("control_base", s => s.ControlBase),
        BulkColumn.Long<Session>("version", s => s.Version),
    ];

    public static readonly BulkColumn<SessionAgent>[] Agents =
    [
        BulkColumn.Text<SessionAgent>("session_id", a => a.SessionId),
        BulkColumn.Text<SessionAgent>("agent", a => a.Agent),
        BulkColumn.Integer<SessionAgent>("steps", a => a.Steps),
        BulkColumn.Flag<SessionAgent>("from_steps", a => a.FromSteps),
    ];

    public static readonly BulkColumn<SessionTool>[] Tools =
    [
        BulkColumn.Text<SessionTool>("session_id", t => t.SessionId),
        BulkColumn.Text<SessionTool>("tool", t => t.Tool),
        BulkColumn.Time<SessionTool>("first_used_at", t => t.FirstUsedAt),
    ];

    public static readonly BulkColumn<Turn>[] Turns =
    [
        BulkColumn.Text<Turn>("session_id", t => t.SessionId),
        BulkColumn.Text<Turn>("trace_id", t => t.TraceId),
        BulkColumn.Integer<Turn>("steps", t => t.Steps),
        BulkColumn.Time<Turn>("started_at", t => t.StartedAt),
    ];

    public static readonly BulkColumn<AgentMinute>[] Minutes =
    [
        BulkColumn.Time<AgentMinute>("minute", m => m.Minute),
        BulkColumn.Text<AgentMinute>("agent", m => m.Agent),
        BulkColumn.Long<AgentMinute>("cost_nanos", m => m.CostNanos),
        BulkColumn.Integer<AgentMinute>("turns", m => m.Turns),
        BulkColumn.Integer<AgentMinute>("steps", m => m.Steps),
        BulkColumn.Integer<AgentMinute>("llm_calls", m => m.LlmCalls),
        BulkColumn.Integer<AgentMinute>("tool_calls", m => m.ToolCalls),
        BulkColumn.Long<AgentMinute>("tokens", m => m.Tokens),
        BulkColumn.Integer<AgentMinute>("errors", m => m.Errors),
        BulkColumn.Integer<AgentMinute>("unpriced_calls", m => m.UnpricedCalls),
    ];

    public static readonly BulkColumn<CallLatency>[] Latencies =
    [
        BulkColumn.Time<CallLatency>("hour", l => l.Hour),
        BulkColumn.Text<CallLatency>("agent", l => l.Agent),
        BulkColumn.Text<CallLatency>("kind", l => l.Kind),
        BulkColumn.Integer<CallLatency>("bucket", l => l.Bucket),
        BulkColumn.Integer<CallLatency>("calls", l => l.Calls),
    ];

    public static readonly BulkColumn<Costs.HourlyCost>[] Hours =
    [
        BulkColumn.Time<Costs.HourlyCost>("hour", h => h.Hour),
        BulkColumn.Text<Costs.HourlyCost>("agent", h => h.Agent),
        BulkColumn.Text<Costs.HourlyCost>("kind", h => h.Kind),
        BulkColumn.Text<Costs.HourlyCost>("source", h => h.Source),
        BulkColumn.Long<Costs.HourlyCost>("cost_nanos", h => h.CostNanos),
        BulkColumn.Long<Costs.HourlyCost>("input_tokens", h => h.InputTokens),
        BulkColumn.Long<Costs.HourlyCost>("output_tokens", h => h.OutputTokens),
        BulkColumn.Long<Costs.HourlyCost>("cached_tokens", h => h.CachedTokens),
        BulkColumn.Long<Costs.HourlyCost>("cache_write_tokens", h => h.CacheWriteTokens),
        BulkColumn.Integer<Costs.HourlyCost>("calls", h => h.Calls),
        BulkColumn.Integer<Costs.HourlyCost>("errors", h => h.Errors),
        BulkColumn.Integer<Costs.HourlyCost>("unpriced_calls", h => h.UnpricedCalls),
        BulkColumn.Long<Costs.HourlyCost>("duration_micros", h => h.DurationMicros),
    ];

    public static readonly BulkColumn<Costs.SessionHour>[] SessionHours =
    [
        BulkColumn.Text<Costs.SessionHour>("session_id", h => h.SessionId),
        BulkColumn.Time<Costs.SessionHour>("hour", h => h.Hour),
        BulkColumn.Text<Costs.SessionHour>("agent", h => h.Agent),
        BulkColumn.Text<Costs.SessionHour>("kind", h => h.Kind),
        BulkColumn.Text<Costs.SessionHour>("source", h => h.Source),
        BulkColumn.Long<Costs.SessionHour>("cost_nanos", h => h.CostNanos),
        BulkColumn.Long<Costs.SessionHour>("input_tokens", h => h.InputTokens),
        BulkColumn.Long<Costs.SessionHour>("output_tokens", h => h.OutputTokens),
        BulkColumn.Long<Costs.SessionHour>("cached_tokens", h => h.CachedTokens),
        BulkColumn.Long<Costs.SessionHour>("cache_write_tokens", h => h.CacheWriteTokens),
        BulkColumn.Integer<Costs.SessionHour>("calls", h => h.Calls),
        BulkColumn.Integer<Costs.SessionHour>("unpriced_calls", h => h.UnpricedCalls),
    ];
}
