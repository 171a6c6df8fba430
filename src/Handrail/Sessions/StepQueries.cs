using Handrail.Access;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>The steps of sessions, in the order they began; and, apart from them, what a single step said.</summary>
public sealed class StepQueries(HandrailStore store, PriceTable prices)
{
    public const int MostPerPage = 1_000;

    /// <summary>A parent further up than this is not looked for: the waterfall indents no deeper.</summary>
    private const int DeepestLook = 32;

    /// <summary>A page of steps, continued by key.</summary>
    /// <param name="until">Only steps that had begun by then.</param>
    /// <exception cref="Refusal">There is no such session for this caller, or the cursor is none of ours.</exception>
    public Task<StepPage> ListAsync(Caller caller, string sessionId, DateTimeOffset? until, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            SessionQueries.DemandView(caller);
            var session = await db.FindKnownSessionAsync(caller, sessionId, cancel);
            var rows = Of(db, session);
            if (until is { } end)
            {
                rows = rows.Where(s => s.StartedAt <= end);
            }

            if (cursor is not null)
            {
                var (at, span, trace) = Read(cursor);
                rows = rows.Where(s => s.StartedAt > at
                    || (s.StartedAt == at && (s.SpanId.CompareTo(span) > 0 || (s.SpanId == span && s.TraceId.CompareTo(trace) > 0))));
            }

            var steps = await rows.OrderBy(s => s.StartedAt).ThenBy(s => s.SpanId).ThenBy(s => s.TraceId).Take(limit + 1).ToListAsync(cancel);
            var next = steps.Count > limit ? Cursor.Of(steps[limit - 1].StartedAt, $"{steps[limit - 1].SpanId} {steps[limit - 1].TraceId}") : null;
            return new StepPage(await ReadAsync(db, [.. steps.Take(limit)], cancel), next);
        },
        cancel);

    /// <summary>The steps that began last, in the order they began.</summary>
    /// <param name="until">Only steps that had begun by then; null for all.</param>
    /// <exception cref="Refusal">There is no such session for this caller.</exception>
    public Task<IReadOnlyList<SessionStep>> NewestAsync(Caller caller, string sessionId, DateTimeOffset? until, int most, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<SessionStep>>(
        caller,
        async db =>
        {
            SessionQueries.DemandView(caller);
            var session = await db.FindKnownSessionAsync(caller, sessionId, cancel);
            var end = until ?? DateTimeOffset.MaxValue;
            var steps = await Of(db, session).Where(s => s.StartedAt <= end)
                .OrderByDescending(s => s.StartedAt).ThenByDescending(s => s.SpanId).ThenByDescending(s => s.TraceId).Take(most).ToListAsync(cancel);
            steps.Reverse();
            return await ReadAsync(db, steps, cancel);
        },
        cancel);

    /// <summary>What one step said and carried; null when nothing of it was kept.</summary>
    /// <exception cref="Refusal">There is no such step for this caller.</exception>
    public Task<StepContentReading?> ContentAsync(Caller caller, string traceId, string spanId, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            SessionQueries.DemandView(caller);
            var (first, last) = await DaysAsync(db, [traceId], cancel);
            var step = await db.Steps.Where(s => s.TraceId == traceId && s.SpanId == spanId && s.ReceivedAt >= first && s.ReceivedAt <= last)
                .Select(s => new { s.SessionId, s.ReceivedAt }).SingleOrDefaultAsync(cancel) ?? throw Refusal.NotFound($"step '{spanId}'");
            var session = await db.FindKnownSessionAsync(caller, step.SessionId, cancel);
            var rows = await db.StepContents.Where(c => c.TraceId == traceId && c.ReceivedAt == step.ReceivedAt).ToListAsync(cancel);
            var content = rows.Select(r => ContentChunk.Find(r, spanId)).FirstOrDefault(c => c is not null);
            return await db.ReachesSessionAsync(caller, Permission.ViewContent, session, cancel) ? content : content?.WithoutWords();
        },
        cancel);

    /// <summary>What several steps of a session said, for those of which something was kept.</summary>
    /// <exception cref="Refusal">There is no such session for this caller, or the caller may not read what was said.</exception>
    public Task<Dictionary<(string TraceId, string SpanId), StepContentReading>> ContentsAsync(
        Caller caller, string sessionId, IReadOnlyCollection<SessionStep> steps, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            SessionQueries.DemandView(caller);
            var session = await db.FindKnownSessionAsync(caller, sessionId, cancel);
            await db.DemandForSessionAsync(caller, Permission.ViewContent, session, cancel);
            var (traces, spans, since) = (steps.Select(s => s.TraceId).Distinct().ToList(), steps.Select(s => s.SpanId).Distinct().ToList(), steps.Count == 0 ? default : steps.Min(s => s.ReceivedAt));
            var until = steps.Count == 0 ? default : steps.Max(s => s.ReceivedAt);
            var own = Of(db, session).Where(s => traces.Contains(s.TraceId) && spans.Contains(s.SpanId));
            var keys = (await own.Select(s => new { s.TraceId, s.SpanId }).ToListAsync(cancel)).Select(s => (s.TraceId, s.SpanId)).ToHashSet();
            var rows = await db.StepContents.Where(c => c.ReceivedAt >= since && c.ReceivedAt <= until && own.Any(s => s.TraceId == c.TraceId && s.ReceivedAt == c.ReceivedAt)).ToListAsync(cancel);
            var contents = new Dictionary<(string TraceId, string SpanId), StepContentReading>();
            foreach (var row in rows)
            {
                ContentChunk.Read(row, span => keys.Contains((row.TraceId, span)), (span, content) => contents.TryAdd((row.TraceId, span), content));
            }

            return contents;
        },
        cancel);

    /// <summary>A session's steps: none came before the first nor after it was last heard of, and PostgreSQL need not look there.</summary>
    internal static IQueryable<StepRow> Of(HandrailDb db, Session session)
    {
        // A day more costs one partition at most: sessions stored before moves brought their last activity along have steps heard of later than it says.
        var (first, last) = (session.FirstReceivedAt ?? DateTimeOffset.MaxValue, session.LastActivityAt.AddDays(1));
        return db.Steps.Where(s => s.SessionId == session.Id && s.ReceivedAt >= first && s.ReceivedAt <= last);
    }

    /// <summary>When the first and the last step of these traces came in: PostgreSQL need not look elsewhere. Everywhere, where retention has taken one already.</summary>
    private static async Task<(DateTimeOffset First, DateTimeOffset Last)> DaysAsync(HandrailDb db, List<string> traces, CancellationToken cancel)
    {
        var days = await db.Traces.Where(t => traces.Contains(t.TraceId)).Select(t => new { t.FirstReceivedAt, t.LastReceivedAt }).ToListAsync(cancel);
        return days.Count < traces.Count ? (DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue) : (days.Min(t => t.FirstReceivedAt), days.Max(t => t.LastReceivedAt));
    }

    private static (DateTimeOffset At, string Span, string Trace) Read(string cursor)
    {
        var (at, ids) = Cursor.Read(cursor);
        return ids.Split(' ') is [var span, var trace] ? (at, span, trace) : throw Refusal.Invalid("cursor", "is none that a page gave out.");
    }

    private async Task<List<SessionStep>> ReadAsync(HandrailDb db, List<StepRow> steps, CancellationToken cancel)
    {
        var parents = await ParentsAsync(db, steps, cancel);
        return steps.ConvertAll(s => new SessionStep
        {
            TraceId = s.TraceId,
            SpanId = s.SpanId,
            ParentSpanId = s.ParentSpanId,
            Depth = Depth(parents, s),
            Kind = s.Kind,
            Name = s.Name,
            Agent = s.Agent,
            StartedAt = s.StartedAt,
            EndedAt = s.EndedAt,
            ReceivedAt = s.ReceivedAt,
            Failed = s.Failed,
            ErrorType = s.ErrorType,
            ErrorMessage = s.ErrorMessage,
            Provider = s.Provider,
            Model = s.ResponseModel ?? s.RequestModel,
            RequestModel = s.RequestModel,
            InputTokens = s.InputTokens,
            OutputTokens = s.OutputTokens,
            CachedTokens = s.CachedTokens,
            CacheWriteTokens = s.CacheWriteTokens,
            ReasoningTokens = s.ReasoningTokens,
            CostNanos = s.CostNanos,
            CostReported = s.ReportedCostNanos is not null,
            Counts = s.Counts,
            Tool = s.ToolName,
            HandoffTarget = s.HandoffTarget,
            Dialect = s.Dialect,
            Origins = s.Origins is { } packed ? TokenOrigins.Unpack(packed) : null,
            SavedNanos = Saved(s),
        });
    }

    /// <summary>What the tokens read from the cache would have cost more as others; null where the price is not known.</summary>
    private long? Saved(StepRow step)
    {
        if (step is not { Counts: true, InputTokens: { } input, CachedTokens: > 0 and var cached })
        {
            return null;
        }

        var usage = new TokenUsage(input, step.OutputTokens ?? 0, cached, step.CacheWriteTokens, step.ReasoningTokens);
        var price = prices.Find(step.Provider, step.ResponseModel, step.RequestModel, step.StartedAt);
        return price?.CostOf(usage with { CachedRead = 0 }) - price?.CostOf(usage) is { } saved ? UsdNanos.From(saved) : null;
    }

    /// <summary>The parent of every step of the page and of its ancestors, which are read where they are not on the page.</summary>
    private static async Task<Dictionary<(string Trace, string Span), string?>> ParentsAsync(HandrailDb db, List<StepRow> steps, CancellationToken cancel)
    {
        var parents = steps.ToDictionary(s => (Trace: s.TraceId, Span: s.SpanId), s => s.ParentSpanId);
        for (var look = 0; look < DeepestLook; look++)
        {
            var missing = parents.Where(p => p.Value is not null).Select(p => (p.Key.Trace, Span: p.Value!)).Where(p => !parents.ContainsKey(p)).ToHashSet();
            if (missing.Count == 0)
            {
                break;
            }

            var (traces, spans) = (missing.Select(m => m.Trace).Distinct().ToList(), missing.Select(m => m.Span).Distinct().ToList());
            var (first, last) = await DaysAsync(db, traces, cancel);
            var found = await db.Steps.Where(s => traces.Contains(s.TraceId) && spans.Contains(s.SpanId) && s.ReceivedAt >= first && s.ReceivedAt <= last).Select(s => new { s.TraceId, s.SpanId, s.ParentSpanId }).ToListAsync(cancel);
            foreach (var step in found)
            {
                parents.TryAdd((step.TraceId, step.SpanId), step.ParentSpanId);
            }

            // Parents that have not come yet, or never will: their children stand as roots.
            foreach (var orphan in parents.Where(p => p.Value is { } parent && missing.Contains((p.Key.Trace, parent)) && !parents.ContainsKey((p.Key.Trace, parent))).ToList())
            {
                parents[orphan.Key] = null;
            }
        }

        return parents;
    }

    private static int Depth(Dictionary<(string Trace, string Span), string?> parents, StepRow step)
    {
        var depth = 0;
        for (var at = parents[(step.TraceId, step.SpanId)]; at is not null && depth < DeepestLook; at = parents.GetValueOrDefault((step.TraceId, at)))
        {
            depth++;
        }

        return depth;
    }
}
