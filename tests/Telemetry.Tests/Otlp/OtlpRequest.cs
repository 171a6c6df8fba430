using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Handrail.Otlp;

/// <summary>One span as a test speaks of it; it can be sent in both encodings.</summary>
internal sealed record SpanSpec
{
    public byte[] TraceId { get; init; } = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    public byte[] SpanId { get; init; } = [1, 2, 3, 4, 5, 6, 7, 8];

    public byte[] ParentSpanId { get; init; } = [];

    public string Name { get; init; } = "a span";

    public int Kind { get; init; }

    public ulong Start { get; init; } = 1_795_433_717_115_000_000;

    public ulong End { get; init; } = 1_795_433_718_115_000_000;

    public IReadOnlyList<(string Key, object? Value)> Attributes { get; init; } = [];

    public IReadOnlyList<(string Name, (string Key, object? Value)[] Attributes)> Events { get; init; } = [];

    public int StatusCode { get; init; }

    public string StatusMessage { get; init; } = "";
}

/// <summary>A trace request of one resource and scope, written by code that shares nothing with the readers under test.</summary>
internal sealed record OtlpRequest(params SpanSpec[] Spans)
{
    public IReadOnlyList<(string Key, object? Value)> Resource { get; init; } = [("service.name", "test-service")];

    public byte[] ToProtobuf() =>
        Field(1, Join(
            Field(1, Join([.. Resource.Select(a => Field(1, KeyValue(a)))])),
            Field(2, Join([Field(1, Field(1, "test-scope")), .. Spans.Select(span => Field(2, Span(span)))]))));

    public byte[] ToJson() => Encoding.UTF8.GetBytes(ToJsonNode().ToJsonString());

    public JsonObject ToJsonNode() => new()
    {
        ["resourceSpans"] = new JsonArray(new JsonObject
        {
            ["resource"] = new JsonObject { ["attributes"] = JsonAttributes(Resource) },
            ["scopeSpans"] = new JsonArray(new JsonObject
            {
                ["scope"] = new JsonObject { ["name"] = "test-scope" },
                ["spans"] = new JsonArray([.. Spans.Select(JsonSpan)]),
            }),
        }),
    };

    private static byte[] Span(SpanSpec span) => Join(
        [
            Field(1, span.TraceId), Field(2, span.SpanId), Field(4, span.ParentSpanId), Field(5, span.Name),
            Number(6, (ulong)span.Kind), Fixed(7, span.Start), Fixed(8, span.End),
            .. span.Attributes.Select(a => Field(9, KeyValue(a))),
            .. span.Events.Select(e => Field(11, Join(
                [Field(2, e.Name), .. e.Attributes.Select(a => Field(3, KeyValue(a)))]))),
            Field(15, Join(Field(2, span.StatusMessage), Number(3, (ulong)span.StatusCode))),
        ]);

    private static byte[] KeyValue((string Key, object? Value) attribute) =>
        Join(Field(1, attribute.Key), Field(2, Value(attribute.Value)));

    private static byte[] Value(object? value) => value switch
    {
        null => [],
        string text => Field(1, text),
        bool flag => Number(2, flag ? 1UL : 0UL),
        int number => Number(3, (ulong)(long)number),
        long number => Number(3, (ulong)number),
        double number => Fixed(4, (ulong)BitConverter.DoubleToInt64Bits(number)),
        object?[] list => Field(5, Join([.. list.Select(item => Field(1, Value(item)))])),
        (string, object?)[] map => Field(6, Join([.. map.Select(member => Field(1, KeyValue(member)))])),
        byte[] bytes => Field(7, bytes),
        _ => throw new ArgumentException($"No attribute can be a {value.GetType()}.", nameof(value)),
    };

    private static JsonNode JsonSpan(SpanSpec span)
    {
        var json = new JsonObject
        {
            ["traceId"] = Convert.ToHexStringLower(span.TraceId),
            ["spanId"] = Convert.ToHexStringLower(span.SpanId),
            ["name"] = span.Name,
            ["kind"] = span.Kind,
            ["startTimeUnixNano"] = span.Start.ToString(CultureInfo.InvariantCulture),
            ["endTimeUnixNano"] = span.End.ToString(CultureInfo.InvariantCulture),
            ["attributes"] = JsonAttributes(span.Attributes),
            ["events"] = new JsonArray([.. span.Events.Select(e =>
                (JsonNode)new JsonObject { ["name"] = e.Name, ["attributes"] = JsonAttributes(e.Attributes) })]),
            ["status"] = new JsonObject { ["message"] = span.StatusMessage, ["code"] = span.StatusCode },
        };
        if (span.ParentSpanId.Length > 0)
            json["parentSpanId"] = Convert.ToHexStringLower(span.ParentSpanId);
        return json;
    }

    private static JsonArray JsonAttributes(IEnumerable<(string Key, object? Value)> attributes) =>
        new([.. attributes.Select(a => (JsonNode)new JsonObject { ["key"] = a.Key, ["value"] = JsonValueOf(a.Value) })]);

    private static JsonObject JsonValueOf(object? value) => value switch
    {
        null => [],
        string text => new JsonObject { ["stringValue"] = text },
        bool flag => new JsonObject { ["boolValue"] = flag },
        int number => new JsonObject { ["intValue"] = number },
        long number => new JsonObject { ["intValue"] = number.ToString(CultureInfo.InvariantCulture) },
        double number when !double.IsFinite(number) => new JsonObject
        {
            ["doubleValue"] = double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
        },
        double number => new JsonObject { ["doubleValue"] = number },
        object?[] list => new JsonObject
        {
            ["arrayValue"] = new JsonObject { ["values"] = new JsonArray([.. list.Select(item => (JsonNode)JsonValueOf(item))]) },
        },
        (string, object?)[] map => new JsonObject { ["kvlistValue"] = new JsonObject { ["values"] = JsonAttributes(map) } },
        byte[] bytes => new JsonObject { ["bytesValue"] = Convert.ToBase64String(bytes) },
        _ => throw new ArgumentException($"No attribute can be a {value.GetType()}.", nameof(value)),
    };

    public static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    public static byte[] Field(int number, byte[] content) => [.. Varint(((ulong)number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    public static byte[] Number(int number, ulong value) => [.. Varint((ulong)number << 3), .. Varint(value)];

    public static byte[] Fixed(int number, ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Varint(((ulong)number << 3) | 1), .. bytes];
    }

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    private static List<byte> Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
