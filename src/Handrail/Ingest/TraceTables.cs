using System.Data.Common;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>Traces and their steps, read and written in bulk.</summary>
internal static class TraceTables
{
    private static readonly BulkColumn<Trace>[] TraceColumns =
    [
        BulkColumn.Text<Trace>("trace_id", t => t.TraceId),
        BulkColumn.Text<Trace>("team", t => t.Team),
        BulkColumn.Text<Trace>("session_id", t => t.SessionId),
        BulkColumn.Integer<Trace>("steps", t => t.Steps),
        BulkColumn.Time<Trace>("first_received_at", t => t.FirstReceivedAt),
        BulkColumn.Time<Trace>("last_received_at", t => t.LastReceivedAt),
        BulkColumn.Flag<Trace>("keeps_content", t => t.KeepsContent),
    ];

    private static readonly BulkColumn<StepRow>[] StepKey =
    [
        BulkColumn.Text<StepRow>("trace_id", s => s.TraceId),
        BulkColumn.Text<StepRow>("span_id", s => s.SpanId),
        BulkColumn.Time<StepRow>("received_at", s => s.ReceivedAt),
    ];

    private static readonly BulkColumn<StepRow>[] StepReading =
    [
        BulkColumn.Text<StepRow>("session_id", s => s.SessionId),
        BulkColumn.Text<StepRow>("agent", s => s.Agent),
        BulkColumn.Flag<StepRow>("counts", s => s.Counts),
        BulkColumn.Flag<StepRow>("counts_cost", s => s.CountsCost),
        BulkColumn.Flag<StepRow>("failed", s => s.Failed),
        BulkColumn.Flag<StepRow>("is_own", s => s.IsOwn),
    ];

    private static readonly BulkColumn<StepRow>[] StepColumns =
    [
        .. StepKey,
        .. StepReading,
        BulkColumn.Text<StepRow>("parent_span_id", s => s.ParentSpanId),
        BulkColumn.Text<StepRow>("own_session", s => s.OwnSession),
        BulkColumn.Text<StepRow>("resource_session", s => s.ResourceSession),
        BulkColumn.Integer<StepRow>("kind", s => (int)s.Kind),
        BulkColumn.Integer<StepRow>("telling", s => (int)s.Telling),
        BulkColumn.Text<StepRow>("call_id", s => s.CallId),
        BulkColumn.Text<StepRow>("name", s => s.Name),
        BulkColumn.Text<StepRow>("dialect", s => s.Dialect),
        BulkColumn.Time<StepRow>("started_at", s => s.StartedAt),
        BulkColumn.Time<StepRow>("ended_at", s => s.EndedAt),
        BulkColumn.Text<StepRow>("error_type", s => s.ErrorType),
        BulkColumn.Text<StepRow>("error_message", s => s.ErrorMessage),
        BulkColumn.Text<StepRow>("own_agent", s => s.OwnAgent),
        BulkColumn.Text<StepRow>("service_name", s => s.ServiceName),
        BulkColumn.Text<StepRow>("end_user", s => s.EndUser),
        BulkColumn.Text<StepRow>("provider", s => s.Provider),
        BulkColumn.Text<StepRow>("request_model", s => s.RequestModel),
        BulkColumn.Text<StepRow>("response_model", s => s.ResponseModel),
        BulkColumn.Long<StepRow>("input_tokens", s => s.InputTokens),
        BulkColumn.Long<StepRow>("output_tokens", s => s.OutputTokens),
        BulkColumn.Long<StepRow>("cached_tokens", s => s.CachedTokens),
        BulkColumn.Long<StepRow>("cache_write_tokens", s => s.CacheWriteTokens),
        BulkColumn.Long<StepRow>("reasoning_tokens", s => s.ReasoningTokens),
        BulkColumn.Long<StepRow>("cost_nanos", s => s.CostNanos),
        BulkColumn.Long<StepRow>("reported_cost_nanos", s => s.ReportedCostNanos),
        BulkColumn.Text<StepRow>("tool_name", s => s.ToolName),
        BulkColumn.Text<StepRow>("handoff_target", s => s.HandoffTarget),
        BulkColumn.Bytes<StepRow>("origins", s => s.Origins),
        BulkColumn.Long<StepRow>("asked", s => s.Asked),
        BulkColumn.Long<StepRow>("got", s => s.Got),
    ];

    private static readonly BulkColumn<StepContent>[] ContentColumns =
    [
        BulkColumn.Text<StepContent>("trace_id", c => c.TraceId),
        BulkColumn.Text<StepContent>("span_id", c => c.SpanId),
        BulkColumn.Time<StepContent>("received_at", c => c.ReceivedAt),
        BulkColumn.Bytes<StepContent>("body", c => c.Body),
    ];

    /// <summary>
    /// The rows of these traces, made where there are none, and held until the transaction ends: on PostgreSQL another process may
    /// be writing to the same trace.
    /// </summary>
    /// <param name="wanted">As they will be if all goes as most traces do, so that a new one need not be written twice.</param>
    public static async Task<List<TraceWork>> HoldAsync(Bulk bulk, IReadOnlyCollection<Trace> wanted, CancellationToken cancel)
    {
        // In one order, so that two writers can't wait for one another.
        var ordered = wanted.OrderBy(t => t.TraceId, StringComparer.Ordinal).ToList();
        var made = await bulk.InsertNewAsync("traces", TraceColumns, ordered, TraceColumns[0], t => t.TraceId, cancel);
        var held = ordered.FindAll(t => made.Contains(t.TraceId)).ConvertAll(t => new TraceWork(t, isNew: true));
        if (made.Count == ordered.Count)
        {
            return held;
        }

        var hold = bulk.Provider == DatabaseProvider.Postgres ? " ORDER BY trace_id FOR UPDATE" : "";
        held.AddRange(await bulk.ReadAsync(
            $"SELECT trace_id, team, session_id, steps, first_received_at, last_received_at FROM traces WHERE trace_id {{in}}{hold}",
            ordered.FindAll(t => !made.Contains(t.TraceId)).ConvertAll(t => t.TraceId),
            r => new TraceWork(
                new Trace
                {
                    TraceId = r.GetString(0),
                    Team = r.GetString(1),
                    SessionId = r.GetString(2),
                    Steps = r.GetInt32(3),
                    FirstReceivedAt = r.GetTime(4, bulk.Provider),
                    LastReceivedAt = r.GetTime(5, bulk.Provider),
                },
                isNew: false),
            cancel));
        return held;
    }

    /// <summary>What is needed of stored steps to read their traces again and to count them elsewhere.</summary>
    /// <param name="since">When the first step of the oldest of the traces was committed: PostgreSQL looks at no earlier day.</param>
    public static Task<List<StepRow>> StepsAsync(Bulk bulk, IReadOnlyCollection<string> traceIds, DateTimeOffset since, CancellationToken cancel) => bulk.ReadAsync(
        """
        SELECT trace_id, span_id, parent_span_id, session_id, own_session, resource_session, kind, failed, agent, own_agent, service_name,
            end_user, request_model, response_model, input_tokens, output_tokens, cached_tokens, cost_nanos, reported_cost_nanos, counts,
            counts_cost, tool_name, started_at, telling, call_id, is_own, dialect, received_at, ended_at,
            cache_write_tokens
        FROM steps WHERE trace_id {in} AND received_at >= @since
        """,
        traceIds, r => Stored(r, bulk.Provider), cancel, ("since", bulk.Time(since)));

    public static async Task WriteAsync(Bulk bulk, IReadOnlyCollection<TraceWork> traces, CancellationToken cancel)
    {
        var fresh = traces.SelectMany(t => t.Fresh).ToList();
        await bulk.AppendAsync("steps", StepColumns, fresh.ConvertAll(s => s.Row), cancel);
        await bulk.AppendAsync("step_contents", ContentColumns, [.. traces.SelectMany(Contents)], cancel);
        var changed = traces.SelectMany(t => t.Steps).Where(s => s.Before is { } before && before != s.After).Select(s => s.Row).ToList();
        await bulk.UpdateAsync("steps", StepKey, StepReading, changed, cancel);
        foreach (var trace in traces)
        {
            trace.Settle();
        }

        await bulk.UpdateAsync("traces", TraceColumns[..1], TraceColumns[2..], [.. traces.Where(t => t.Trace.Steps > 0 && t.IsChanged).Select(t => t.Trace)], cancel);
        await bulk.DeleteAsync("traces", TraceColumns[..1], [.. traces.Select(t => t.Trace).Where(t => t.Steps == 0)], "", cancel);
    }

    /// <summary>A row for each chunk that a fresh step is in; of one whose other steps were there already, or were refused, only what is fresh.</summary>
    private static IEnumerable<StepContent> Contents(TraceWork trace)
    {
        foreach (var chunk in trace.Fresh.GroupBy(s => s.Incoming!.Content))
        {
            var rows = chunk.Select(s => s.Row).ToList();
            yield return new StepContent
            {
                TraceId = rows[0].TraceId,
                SpanId = rows[0].SpanId,
                ReceivedAt = rows[0].ReceivedAt,
                Body = rows.Count == chunk.Key.Steps ? chunk.Key.Body : chunk.Key.Only(rows.Select(r => r.SpanId).ToHashSet(StringComparer.Ordinal)),
            };
        }
    }

    private static StepRow Stored(DbDataReader r, DatabaseProvider provider) => new()
    {
        TraceId = r.GetString(0),
        SpanId = r.GetString(1),
        ParentSpanId = r.TextOrNull(2),
        SessionId = r.GetString(3),
        OwnSession = r.TextOrNull(4),
        ResourceSession = r.TextOrNull(5),
        Kind = (StepKind)r.GetInt32(6),
        Name = "",
        Failed = r.GetBoolean(7),
        Agent = r.TextOrNull(8),
        OwnAgent = r.TextOrNull(9),
        ServiceName = r.TextOrNull(10),
        EndUser = r.TextOrNull(11),
        RequestModel = r.TextOrNull(12),
        ResponseModel = r.TextOrNull(13),
        InputTokens = r.LongOrNull(14),
        OutputTokens = r.LongOrNull(15),
        CachedTokens = r.LongOrNull(16),
        CostNanos = r.LongOrNull(17),
        ReportedCostNanos = r.LongOrNull(18),
        Counts = r.GetBoolean(19),
        CountsCost = r.GetBoolean(20),
        ToolName = r.TextOrNull(21),
        StartedAt = r.GetTime(22, provider),
        Telling = (Telling)r.GetInt32(23),
        CallId = r.TextOrNull(24),
        IsOwn = r.GetBoolean(25),
        Dialect = r.TextOrNull(26),
        ReceivedAt = r.GetTime(27, provider),
        EndedAt = r.GetTime(28, provider),
        CacheWriteTokens = r.LongOrNull(29),
    };
}
