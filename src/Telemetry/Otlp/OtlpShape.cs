using System.Text;

namespace Handrail.Telemetry;

internal enum FieldKind
{
    Message,
    Messages,
    Text,
    HexId,
    Time,
    Number,
    Integer,
    Real,
    Boolean,
    Base64,
}

/// <summary>A member of an OTLP message: its JSON name, its protobuf field number and how it is written.</summary>
/// <param name="Names">For an enum: its names, which senders should not use but do.</param>
internal sealed record OtlpField(int Number, FieldKind Kind, OtlpShape? Shape = null, IReadOnlyDictionary<string, ulong>? Names = null);

/// <summary>The members of one OTLP message that we read (opentelemetry-proto 1.11: trace, logs, metrics and common).</summary>
internal sealed class OtlpShape
{
    private readonly List<(byte[] Name, OtlpField Field)> _fields = [];

    private static readonly Dictionary<string, ulong> SpanKinds = new(StringComparer.Ordinal)
    {
        ["SPAN_KIND_INTERNAL"] = 1,
        ["SPAN_KIND_SERVER"] = 2,
        ["SPAN_KIND_CLIENT"] = 3,
        ["SPAN_KIND_PRODUCER"] = 4,
        ["SPAN_KIND_CONSUMER"] = 5,
    };

    private static readonly Dictionary<string, ulong> StatusCodes = new(StringComparer.Ordinal)
    {
        ["STATUS_CODE_OK"] = 1,
        ["STATUS_CODE_ERROR"] = 2,
    };

    private static readonly Dictionary<string, ulong> Temporalities = new(StringComparer.Ordinal)
    {
        ["AGGREGATION_TEMPORALITY_DELTA"] = 1,
        ["AGGREGATION_TEMPORALITY_CUMULATIVE"] = 2,
    };

    static OtlpShape()
    {
        OtlpShape list = new OtlpShape().Add("values", 1, FieldKind.Messages, AnyValue);
        OtlpShape keyValue = new OtlpShape().Add("key", 1, FieldKind.Text).Add("value", 2, FieldKind.Message, AnyValue);
        OtlpShape map = new OtlpShape().Add("values", 1, FieldKind.Messages, keyValue);
        AnyValue.Add("stringValue", 1, FieldKind.Text).Add("boolValue", 2, FieldKind.Boolean)
            .Add("intValue", 3, FieldKind.Integer).Add("doubleValue", 4, FieldKind.Real)
            .Add("arrayValue", 5, FieldKind.Message, list).Add("kvlistValue", 6, FieldKind.Message, map)
            .Add("bytesValue", 7, FieldKind.Base64);

        OtlpShape spanEvent = new OtlpShape().Add("timeUnixNano", 1, FieldKind.Time).Add("name", 2, FieldKind.Text)
            .Add("attributes", 3, FieldKind.Messages, keyValue);
        OtlpShape link = new OtlpShape().Add("traceId", 1, FieldKind.HexId).Add("spanId", 2, FieldKind.HexId)
            .Add("traceState", 3, FieldKind.Text).Add("attributes", 4, FieldKind.Messages, keyValue);
        OtlpShape status = new OtlpShape().Add("message", 2, FieldKind.Text).Add("code", 3, FieldKind.Number, null, StatusCodes);
        Span.Add("traceId", 1, FieldKind.HexId).Add("spanId", 2, FieldKind.HexId).Add("traceState", 3, FieldKind.Text)
            .Add("parentSpanId", 4, FieldKind.HexId).Add("name", 5, FieldKind.Text)
            .Add("kind", 6, FieldKind.Number, null, SpanKinds)
            .Add("startTimeUnixNano", 7, FieldKind.Time).Add("endTimeUnixNano", 8, FieldKind.Time)
            .Add("attributes", 9, FieldKind.Messages, keyValue).Add("events", 11, FieldKind.Messages, spanEvent)
            .Add("links", 13, FieldKind.Messages, link).Add("status", 15, FieldKind.Message, status);

        OtlpShape resource = new OtlpShape().Add("attributes", 1, FieldKind.Messages, keyValue);
        OtlpShape scope = new OtlpShape().Add("name", 1, FieldKind.Text).Add("version", 2, FieldKind.Text)
            .Add("attributes", 3, FieldKind.Messages, keyValue);
        OtlpShape scopeSpans = new OtlpShape().Add("scope", 1, FieldKind.Message, scope).Add("spans", 2, FieldKind.Messages, Span);
        OtlpShape resourceSpans = new OtlpShape().Add("resource", 1, FieldKind.Message, resource)
            .Add("scopeSpans", 2, FieldKind.Messages, scopeSpans);
        TraceRequest.Add("resourceSpans", 1, FieldKind.Messages, resourceSpans);

        LogRecord.Add("timeUnixNano", 1, FieldKind.Time).Add("observedTimeUnixNano", 11, FieldKind.Time)
            .Add("severityNumber", 2, FieldKind.Number, null, new Dictionary<string, ulong>()).Add("body", 5, FieldKind.Message, AnyValue)
            .Add("attributes", 6, FieldKind.Messages, keyValue).Add("traceId", 9, FieldKind.HexId).Add("spanId", 10, FieldKind.HexId)
            .Add("eventName", 12, FieldKind.Text);
        OtlpShape scopeLogs = new OtlpShape().Add("scope", 1, FieldKind.Message, scope).Add("logRecords", 2, FieldKind.Messages, LogRecord);
        OtlpShape resourceLogs = new OtlpShape().Add("resource", 1, FieldKind.Message, resource)
            .Add("scopeLogs", 2, FieldKind.Messages, scopeLogs);
        LogsRequest.Add("resourceLogs", 1, FieldKind.Messages, resourceLogs);

        OtlpShape number = Point(7, keyValue).Add("asDouble", 4, FieldKind.Real).Add("asInt", 6, FieldKind.Integer);
        OtlpShape histogram = Sums(Point(9, keyValue));
        OtlpShape exponential = Sums(Point(1, keyValue));
        OtlpShape summary = Sums(Point(7, keyValue));
        OtlpShape metric = new OtlpShape().Add("name", 1, FieldKind.Text).Add("unit", 3, FieldKind.Text)
            .Add("gauge", 5, FieldKind.Message, Points(number)).Add("sum", 7, FieldKind.Message, Points(number))
            .Add("histogram", 9, FieldKind.Message, Points(histogram))
            .Add("exponentialHistogram", 10, FieldKind.Message, Points(exponential)).Add("summary", 11, FieldKind.Message, Points(summary));
        OtlpShape scopeMetrics = new OtlpShape().Add("scope", 1, FieldKind.Message, scope).Add("metrics", 2, FieldKind.Messages, metric);
        OtlpShape resourceMetrics = new OtlpShape().Add("resource", 1, FieldKind.Message, resource)
            .Add("scopeMetrics", 2, FieldKind.Messages, scopeMetrics);
        MetricsRequest.Add("resourceMetrics", 1, FieldKind.Messages, resourceMetrics);
    }

    public static OtlpShape TraceRequest { get; } = new();

    public static OtlpShape Span { get; } = new() { IsRecord = true };

    public static OtlpShape LogsRequest { get; } = new();

    public static OtlpShape LogRecord { get; } = new() { IsRecord = true };

    public static OtlpShape MetricsRequest { get; } = new();

    public static OtlpShape AnyValue { get; } = new();

    /// <summary>One that is not of its shape is left out alone, and the rest of the request kept.</summary>
    public bool IsRecord { get; private init; }

    public OtlpField? Find(ReadOnlySpan<byte> name)
    {
        foreach ((byte[] known, OtlpField field) in _fields)
        {
            if (name.SequenceEqual(known))
                return field;
        }

        return null;
    }

    private static OtlpShape Point(int attributes, OtlpShape keyValue) => new OtlpShape { IsRecord = true }
        .Add("attributes", attributes, FieldKind.Messages, keyValue).Add("startTimeUnixNano", 2, FieldKind.Time).Add("timeUnixNano", 3, FieldKind.Time);

    private static OtlpShape Sums(OtlpShape point) => point.Add("count", 4, FieldKind.Time).Add("sum", 5, FieldKind.Real);

    private static OtlpShape Points(OtlpShape point) => new OtlpShape().Add("dataPoints", 1, FieldKind.Messages, point)
        .Add("aggregationTemporality", 2, FieldKind.Number, null, Temporalities);

    /// <summary>Adds a member under its JSON name and under the original one of the .proto file.</summary>
    private OtlpShape Add(
        string name, int number, FieldKind kind, OtlpShape? shape = null, IReadOnlyDictionary<string, ulong>? names = null)
    {
        var field = new OtlpField(number, kind, shape, names);
        _fields.Add((Encoding.UTF8.GetBytes(name), field));
        string original = string.Concat(name.Select(letter => char.IsUpper(letter) ? $"_{char.ToLowerInvariant(letter)}" : $"{letter}"));
        if (original != name)
            _fields.Add((Encoding.UTF8.GetBytes(original), field));
        return this;
    }
}
