using Handrail.Breakers;
using Handrail.Costs;
using Handrail.Sessions;
using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>
/// Adds up what the steps of touched traces come to, as they were counted before and as they are now: the difference is what
/// changes. So a session id, an agent or a child with usage that becomes known late moves whatever was counted elsewhere.
/// </summary>
/// <param name="now">When the batch is committed.</param>
/// <param name="hints">What was seen of calls before.</param>
internal sealed class Tally(DateTimeOffset now, LoopHints hints)
{
    /// <summary>
    /// A step that ended longer ago tells of the past: it is counted, and halts nothing. Wide enough for a clock that is hours behind and for an
    /// exporter that was cut off.
    /// </summary>
    public static readonly TimeSpan Past = TimeSpan.FromHours(6);

    private const string NoModel = "unknown model";
    private const string NoTool = "unknown tool";

    public Dictionary<string, SessionChange> Sessions { get; } = new(StringComparer.Ordinal);

    public Dictionary<(DateTimeOffset Hour, string Agent, string Kind, string Source), HourlyCost> Hours { get; } = [];

    /// <summary>The same money, by the session that spent it.</summary>
    public Dictionary<(string Session, HourlyCost Hour), SessionHour> SessionHours { get; } = [];

    /// <summary>Calls by how long they took.</summary>
    public Dictionary<(DateTimeOffset Hour, string Agent, string Kind, int Bucket), int> Latencies { get; } = [];

    /// <summary>Steps of each turn that was touched, as they are now; none left means the turn is gone.</summary>
    public Dictionary<(string Session, string Trace), (int Steps, DateTimeOffset StartedAt)> Turns { get; } = [];

    /// <summary>Tools that sessions were seen to use.</summary>
    public Dictionary<(string Session, string Tool), DateTimeOffset> Tools { get; } = [];

    /// <summary>What agents came to in the present minute.</summary>
    public Dictionary<string, AgentMinute> Minutes { get; } = new(StringComparer.Ordinal);

    public void Add(TraceWork trace)
    {
        var before = trace.Steps.Where(s => s.Before is not null).ToList();
        if (before.Count > 0)
        {
            Count(trace, before, s => s.Before!.Value, -1);
        }

        Count(trace, trace.Steps, s => s.After, 1);
        for (var i = 0; i < trace.Steps.Count; i++)
        {
            var step = trace.Steps[i];
            if (step.Before is { } was && was.SessionId != step.Row.SessionId)
            {
                Of(was.SessionId).Left.Add(step.Row.StartedAt);
            }

            if (step.Before?.SessionId != step.Row.SessionId)
            {
                Welcome(step, trace.Readings[i].EndUser);
            }
        }

        NotePending(trace.Steps);
    }

    /// <summary>Mostly all steps of a trace are one session's.</summary>
    private void NotePending(List<TraceStep> steps)
    {
        if (steps.Count == 0)
        {
            return;
        }

        var first = steps[0].Row.SessionId;
        var sessions = steps.TrueForAll(s => s.Row.SessionId == first) ? [(first, steps)] : steps.GroupBy(s => s.Row.SessionId, StringComparer.Ordinal).Select(g => (g.Key, g.ToList()));
        foreach (var (session, own) in sessions)
        {
            var change = Of(session);
            if (OpenWork.Of(own.ConvertAll(s => s.Row)) is { } open && !(change.Pending?.At > open.At))
            {
                change.Pending = (open.Pending, open.At);
            }
        }
    }

    private SessionChange Of(string session)
    {
        if (!Sessions.TryGetValue(session, out var change))
        {
            Sessions[session] = change = new SessionChange();
        }

        return change;
    }

    private void Count(TraceWork trace, List<TraceStep> steps, Func<TraceStep, Attribution> attribution, int sign)
    {
        var failures = OwnFailures(steps, attribution);
        var turns = new Dictionary<string, (int Steps, DateTimeOffset StartedAt, TurnCounting Count, string? Agent)>(StringComparer.Ordinal);
        for (var i = 0; i < steps.Count; i++)
        {
            var (step, of) = (steps[i], attribution(steps[i]));
            var change = Of(of.SessionId);
            change.Steps += sign;
            change.Errors += failures[i] ? sign : 0;
            change.Agents[of.Agent] = change.Agents.GetValueOrDefault(of.Agent) + sign;
            var minute = IsLive(step.Row) ? Minute(of.Agent) : null;
            if (minute is not null)
            {
                minute.Steps += sign;
                minute.Errors += failures[i] ? sign : 0;
            }

            CountCall(change, minute, step, of, sign);
            if (step.Row.Telling == Telling.Repeated)
            {
                continue;
            }

            var turn = turns.TryGetValue(of.SessionId, out var known) ? known : (Steps: 0, StartedAt: DateTimeOffset.MaxValue, Count: new TurnCounting(), Agent: (string?)null);
            turn.Count.Add(step.Row.Telling, step.Row.Dialect, step.Row.Name, step.Row.ParentSpanId is not null);
            var first = step.Row.StartedAt < turn.StartedAt;
            turns[of.SessionId] = (turn.Steps + 1, first ? step.Row.StartedAt : turn.StartedAt, turn.Count, first ? minute is null ? null : of.Agent : turn.Agent);
        }

        foreach (var (session, turn) in turns)
        {
            Of(session).Turns += sign * turn.Count.Turns;
            if (turn.Agent is { } agent)
            {
                Minute(agent).Turns += sign * turn.Count.Turns;
            }

            Turns[(session, trace.Trace.TraceId)] = (sign > 0 ? turn.Steps : 0, turn.StartedAt);
        }
    }

    private bool IsLive(StepRow row) => row.EndedAt > now - Past;

    private AgentMinute Minute(string agent)
    {
        if (!Minutes.TryGetValue(agent, out var minute))
        {
            Minutes[agent] = minute = new AgentMinute { Minute = AgentMinute.Of(now), Agent = agent };
        }

        return minute;
    }

    private void CountCall(SessionChange change, AgentMinute? minute, TraceStep step, Attribution of, int sign)
    {
        var row = step.Row;
        if (of.Counts)
        {
            if (minute is not null)
            {
                minute.LlmCalls += row.Kind == StepKind.Llm ? sign : 0;
                minute.ToolCalls += row.Kind == StepKind.Tool ? sign : 0;
                minute.Tokens += sign * ((row.InputTokens ?? 0) + (row.OutputTokens ?? 0));
            }

            change.LlmCalls += row.Kind == StepKind.Llm ? sign : 0;
            change.ToolCalls += row.Kind == StepKind.Tool ? sign : 0;
            change.InputTokens += sign * (row.InputTokens ?? 0);
            change.OutputTokens += sign * (row.OutputTokens ?? 0);
            change.CachedTokens += sign * (row.CachedTokens ?? 0);
        }

        var priced = of.CountsCost && row.CostNanos is not null;
        if (priced)
        {
            change.CostNanos += sign * row.CostNanos!.Value;
            if (minute is not null)
            {
                minute.CostNanos += sign * row.CostNanos.Value;
            }
        }

        // A call that failed without usage cost nothing; of one that did not, the cost is unknown.
        var unpriced = !priced && of.CountsCost && !of.Failed && (row.Kind == StepKind.Llm || row.InputTokens is not null || row.OutputTokens is not null);
        if (unpriced)
        {
            change.UnpricedCalls += sign;
            if (minute is not null)
            {
                minute.UnpricedCalls += sign;
            }
        }

        if (of.Counts && row.Kind == StepKind.Tool)
        {
            CountRun(Hour(row, of, HourlyCost.Tool, row.ToolName ?? NoTool), row, of, sign);
        }

        var usage = of.Counts && (row.Kind == StepKind.Llm || row.InputTokens is not null || row.OutputTokens is not null);
        if (usage || priced || unpriced)
        {
            // What a tool's call costs is the tool's, unless it says what a model took in and gave out.
            var hour = row.Kind == StepKind.Tool && !usage
                ? Hour(row, of, HourlyCost.Tool, row.ToolName ?? NoTool)
                : Hour(row, of, HourlyCost.Model, row.ResponseModel ?? row.RequestModel ?? NoModel);
            var (nanos, unknown) = (priced ? sign * row.CostNanos!.Value : 0, unpriced ? sign : 0);
            hour.CostNanos += nanos;
            hour.UnpricedCalls += unknown;
            var own = OwnHour(of.SessionId, hour);
            own.CostNanos += nanos;
            own.UnpricedCalls += unknown;
            if (usage)
            {
                CountUsage(hour, own, row, of, sign);
            }
        }
    }

    private HourlyCost Hour(StepRow row, Attribution of, string kind, string source)
    {
        var key = (HourlyCost.HourOf(row.StartedAt), of.Agent, kind, source);
        if (!Hours.TryGetValue(key, out var hour))
        {
            Hours[key] = hour = new HourlyCost { Hour = key.Item1, Agent = of.Agent, Kind = kind, Source = source };
        }

        return hour;
    }

    private SessionHour OwnHour(string session, HourlyCost hour)
    {
        // By the hour's own object: it stands for its key within a batch.
        if (!SessionHours.TryGetValue((session, hour), out var own))
        {
            SessionHours[(session, hour)] = own = new SessionHour { SessionId = session, Hour = hour.Hour, Agent = hour.Agent, Kind = hour.Kind, Source = hour.Source };
        }

        return own;
    }

    private void CountUsage(HourlyCost hour, SessionHour own, StepRow row, Attribution of, int sign)
    {
        CountRun(hour, row, of, sign);
        var (read, given, cached, written) = (sign * (row.InputTokens ?? 0), sign * (row.OutputTokens ?? 0), sign * (row.CachedTokens ?? 0), sign * (row.CacheWriteTokens ?? 0));
        hour.InputTokens += read;
        hour.OutputTokens += given;
        hour.CachedTokens += cached;
        hour.CacheWriteTokens += written;
        own.InputTokens += read;
        own.OutputTokens += given;
        own.CachedTokens += cached;
        own.CacheWriteTokens += written;
        own.Calls += sign;
    }

    private void CountRun(HourlyCost hour, StepRow row, Attribution of, int sign)
    {
        var key = (hour.Hour, hour.Agent, hour.Kind, CallLatency.BucketOf(row.EndedAt - row.StartedAt));
        Latencies[key] = Latencies.GetValueOrDefault(key) + sign;
        hour.Calls += sign;
        hour.Errors += of.Failed ? sign : 0;
        hour.DurationMicros += sign * (row.EndedAt - row.StartedAt).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>Notes what a step brings to the session that it came to.</summary>
    private void Welcome(TraceStep step, string? endUser)
    {
        var row = step.Row;
        var change = Of(row.SessionId);
        if (step.Incoming is { } incoming)
        {
            change.Active = true;
            if (IsLive(row))
            {
                change.Live = true;
                change.Signs |= hints.See(row);
                change.LinkedTraceId ??= incoming.LinkedTraceId;
            }
        }

        change.EndUser ??= endUser;
        change.FirstReceivedAt = row.ReceivedAt < change.FirstReceivedAt ? row.ReceivedAt : change.FirstReceivedAt;
        change.LastReceivedAt = row.ReceivedAt > change.LastReceivedAt ? row.ReceivedAt : change.LastReceivedAt;
        if (row is { Counts: true, Kind: StepKind.Llm, InputTokens: { } tokens } && (change.Context is null || row.StartedAt >= change.Context.Value.At))
        {
            change.Context = (row.StartedAt, tokens);
        }

        if (change.Earliest is null || row.StartedAt < change.Earliest.Value.At)
        {
            change.Earliest = (row.StartedAt, row.Agent!, step.Incoming?.AgentVersion);
        }

        if (row is { Kind: StepKind.Tool or StepKind.Handoff, ToolName: { Length: > 0 } tool })
        {
            var key = (row.SessionId, tool);
            if (!Tools.TryGetValue(key, out var used) || row.StartedAt < used)
            {
                Tools[key] = row.StartedAt;
            }
        }
    }

    /// <summary>Steps that failed by themselves: a failure that only passed up through its parents is one failure.</summary>
    private static bool[] OwnFailures(List<TraceStep> steps, Func<TraceStep, Attribution> attribution)
    {
        var failures = new bool[steps.Count];
        var bySpan = new Dictionary<string, int>(steps.Count, StringComparer.Ordinal);
        var any = false;
        for (var i = 0; i < steps.Count; i++)
        {
            bySpan[steps[i].Row.SpanId] = i;
            var of = attribution(steps[i]);
            any |= failures[i] = of.Failed && of.IsOwn;
        }

        if (!any)
        {
            return failures;
        }

        var walked = new bool[steps.Count];
        for (var i = 0; i < steps.Count; i++)
        {
            if (attribution(steps[i]) is not { Failed: true, IsOwn: true })
            {
                continue;
            }

            // Stops where another walk went on: each step is passed once, circles included.
            for (var at = i; steps[at].Row.ParentSpanId is { } parent && bySpan.TryGetValue(parent, out var up) && up != i && !walked[up]; at = up)
            {
                walked[up] = true;
                failures[up] = false;
            }
        }

        return failures;
    }
}
