using System.Globalization;
using System.Text;
using System.Text.Json;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Ingest.Poison;

/// <summary>What one session must have come to.</summary>
internal sealed record GoodTotals(int Steps, int Calls, long InputTokens, long OutputTokens, long CostNanos)
{
    public static GoodTotals operator +(GoodTotals a, GoodTotals b) =>
        new(a.Steps + b.Steps, a.Calls + b.Calls, a.InputTokens + b.InputTokens, a.OutputTokens + b.OutputTokens, a.CostNanos + b.CostNanos);

    /// <summary>All that was acknowledged is there, counted once, and nothing else that bears a good name.</summary>
    public static async Task ExpectAsync(HandrailDb db, IReadOnlyList<GoodRecords> good)
    {
        var stored = (await db.Sessions.AsNoTracking().Where(s => s.Id.StartsWith(GoodRecords.Prefix)).ToListAsync())
            .ToDictionary(s => s.Id, s => new GoodTotals(s.Steps, s.LlmCalls, s.InputTokens, s.OutputTokens, s.CostNanos));
        var expected = good.SelectMany(g => g.Acknowledged).ToDictionary();
        Assert.Empty(expected.Where(e => stored.GetValueOrDefault(e.Key) != e.Value).Select(e => (e.Key, Expected: e.Value, Stored: stored.GetValueOrDefault(e.Key))).Take(10));
        Assert.Equal(expected.Count, stored.Count);
        var metrics = await db.MetricSeries.AsNoTracking().Where(m => m.Name == GoodRecords.MetricName).SumAsync(m => m.Value);
        Assert.Equal(good.Sum(g => g.MetricTotal), metrics);
    }
}

/// <summary>
/// The records of one well-behaved sender, and the ledger of those that were acknowledged. It sends one request after the other, so that its
/// delta metric comes in order.
/// </summary>
internal sealed class GoodRecords(int sender, string prefix = GoodRecords.Prefix)
{
    /// <summary>Begins the names of sessions, costs and metrics, and of nothing else: a mutation may put any text where a session's id stands.</summary>
    public const string Prefix = "good-";
    public const string Agent = "well-behaved-agent";
    public const string MetricName = Prefix + Metric;

    private const string Metric = "calls";

    /// <summary>Requests that go to one session before the next is begun.</summary>
    private const int InSession = 40;

    private const long NanosPerMetricStep = 1_000_000;

    private readonly long _start = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 3_600_000) * 1_000_000;
    private long _count;

    /// <summary>What was acknowledged, by session.</summary>
    public Dictionary<string, GoodTotals> Acknowledged { get; } = new(StringComparer.Ordinal);

    /// <summary>What the sender's delta metric has come to.</summary>
    public long MetricTotal { get; private set; }

    private string Instance => $"{prefix}{sender}";

    /// <summary>A new record: what to send, and what to note once it is acknowledged.</summary>
    public (byte[] Record, Action Note) Next(PoisonDoor door)
    {
        var number = ++_count;
        var kind = door.Signal.ToString().ToLowerInvariant();
        var session = $"{prefix}{kind}-{sender}-{number / InSession}";
        var (input, output) = (100 + (number % 37), 10 + (number % 11));
        var id = $"{sender:x4}{number:x12}";
        var calls = new GoodTotals(1, 1, input, output, 0);
        return (door.Signal, door.Json) switch
        {
            (PoisonSignal.Traces, true) => (Json(Span(id, session, input, output)), () => Add(session, calls)),
            (PoisonSignal.Traces, false) => (SpanWire(id, session, input, output), () => Add(session, calls)),
            (PoisonSignal.Logs, true) => (Json(Log(id, session, input, output)), () => Add(session, calls)),
            (PoisonSignal.Logs, false) => (LogWire(id, session, input, output), () => Add(session, calls)),
            (PoisonSignal.Metrics, true) => (Json(Point(number)), () => MetricTotal++),
            (PoisonSignal.Metrics, false) => (PointWire(number), () => MetricTotal++),
            (PoisonSignal.AgentsSdk, _) => (Run(id, session, input, output), () => Add(session, calls + new GoodTotals(1, 0, 0, 0, 0))),
            _ => (Json(Cost(id, session, number)), () => Add(session, new GoodTotals(0, 0, 0, 0, number % 7 * 1_000_000))),
        };
    }

    private void Add(string session, GoodTotals more) => Acknowledged[session] = Acknowledged.TryGetValue(session, out var known) ? known + more : more;

    private static byte[] Json(object content) => JsonSerializer.SerializeToUtf8Bytes(content);

    private static object Span(string id, string session, long input, long output) => new
    {
        resource = new { attributes = new[] { Text("service.name", Agent) } },
        scopeSpans = new[]
        {
            new
            {
                spans = new[]
                {
                    new
                    {
                        traceId = "600d" + id + "600d600d600d", spanId = id, name = "chat", startTimeUnixNano = Now(), endTimeUnixNano = Now(),
                        attributes = new[]
                        {
                            Text("gen_ai.operation.name", "chat"), Text("gen_ai.provider.name", "openai"), Text("gen_ai.request.model", "well-behaved-model"), Text("gen_ai.conversation.id", session),
                            Text("gen_ai.agent.name", Agent), Whole("gen_ai.usage.input_tokens", input), Whole("gen_ai.usage.output_tokens", output),
                        },
                    },
                },
            },
        },
    };

    private static byte[] SpanWire(string id, string session, long input, long output) => Wire.Field(1, Wire.Join(
        Wire.Field(1, Wire.Field(1, Wire.Text("service.name", Agent))),
        Wire.Field(2, Wire.Field(2, Wire.Join(
            Wire.Field(1, Convert.FromHexString("600d" + id + "600d600d600d")), Wire.Field(2, Convert.FromHexString(id)), Wire.Field(5, "chat"), Wire.Fixed(7, Nanoseconds()), Wire.Fixed(8, Nanoseconds()),
            Wire.Field(9, Wire.Text("gen_ai.operation.name", "chat")), Wire.Field(9, Wire.Text("gen_ai.provider.name", "openai")), Wire.Field(9, Wire.Text("gen_ai.request.model", "well-behaved-model")),
            Wire.Field(9, Wire.Text("gen_ai.conversation.id", session)), Wire.Field(9, Wire.Text("gen_ai.agent.name", Agent)),
            Wire.Field(9, Wire.Whole("gen_ai.usage.input_tokens", input)), Wire.Field(9, Wire.Whole("gen_ai.usage.output_tokens", output)))))));

    private static object Log(string id, string session, long input, long output) => new
    {
        resource = new { attributes = new[] { Text("service.name", "claude-code") } },
        scopeLogs = new[]
        {
            new
            {
                logRecords = new[]
                {
                    new
                    {
                        timeUnixNano = Now(),
                        body = new { stringValue = "claude_code.api_request" },
                        attributes = new[]
                        {
                            Text("event.name", "api_request"), Text("session.id", session), Text("prompt.id", "p-" + id), Text("request_id", "r-" + id), Text("model", "well-behaved-model"),
                            Whole("input_tokens", input), Whole("output_tokens", output),
                        },
                    },
                },
            },
        },
    };

    private static byte[] LogWire(string id, string session, long input, long output) => Wire.Field(1, Wire.Join(
        Wire.Field(1, Wire.Field(1, Wire.Text("service.name", "claude-code"))),
        Wire.Field(2, Wire.Field(2, Wire.Join(
            Wire.Fixed(1, Nanoseconds()), Wire.Field(5, Wire.Field(1, "claude_code.api_request")),
            Wire.Field(6, Wire.Text("event.name", "api_request")), Wire.Field(6, Wire.Text("session.id", session)), Wire.Field(6, Wire.Text("prompt.id", "p-" + id)), Wire.Field(6, Wire.Text("request_id", "r-" + id)),
            Wire.Field(6, Wire.Text("model", "well-behaved-model")), Wire.Field(6, Wire.Whole("input_tokens", input)), Wire.Field(6, Wire.Whole("output_tokens", output)))))));

    private object Point(long number) => new
    {
        resource = new { attributes = new[] { Text("service.name", Agent), Text("service.instance.id", Instance) } },
        scopeMetrics = new[]
        {
            new { metrics = new[] { new { name = prefix + Metric, sum = new { aggregationTemporality = 1, dataPoints = new[] { new { timeUnixNano = Invariant(At(number)), asInt = "1" } } } } } },
        },
    };

    private byte[] PointWire(long number) => Wire.Field(1, Wire.Join(
        Wire.Field(1, Wire.Join(Wire.Field(1, Wire.Text("service.name", Agent)), Wire.Field(1, Wire.Text("service.instance.id", Instance)))),
        Wire.Field(2, Wire.Field(2, Wire.Join(
            Wire.Field(1, prefix + Metric), Wire.Field(7, Wire.Join(Wire.Field(1, Wire.Join(Wire.Fixed(3, (ulong)At(number)), Wire.Fixed(6, 1))), Wire.Number(2, 1))))))));

    private static byte[] Run(string id, string session, long input, long output) => Encoding.UTF8.GetBytes(
        $$$$"""
        {"object":"trace","id":"trace_600d{{{{id}}}}600d600d6005","workflow_name":"{{{{Agent}}}}","group_id":"{{{{session}}}}"},
        {"object":"trace.span","id":"span_600d6005{{{{id}}}}","trace_id":"trace_600d{{{{id}}}}600d600d6005","parent_id":null,"span_data":{"type":"generation","model":"well-behaved-model","usage":{"input_tokens":{{{{input}}}},"output_tokens":{{{{output}}}}}}}
        """);

    private object Cost(string id, string session, long number) =>
        new { id = prefix + id, session_id = session, agent = Agent, kind = "tool", name = "geocoder", amount = number % 7 * 0.001m, currency = "USD" };

    private static object Text(string key, string value) => new { key, value = new { stringValue = value } };

    private static object Whole(string key, long value) => new { key, value = new { intValue = Invariant(value) } };

    private long At(long number) => _start + (number * NanosPerMetricStep);

    private static string Now() => Nanoseconds().ToString(CultureInfo.InvariantCulture);

    private static ulong Nanoseconds() => (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
