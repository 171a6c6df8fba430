using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>
/// Writes what is kept of a span as OTLP JSON again, so that it can be handed to any other tool. What the console keeps apart from the attributes
/// (messages, arguments, results) goes under the names of OpenTelemetry's conventions, whatever it came under.
/// </summary>
public static class OtlpJsonCopy
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private static readonly string[] SpanKinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];

    /// <param name="apart">Texts kept apart from the attributes, by attribute name; null ones are left out.</param>
    /// <param name="carried"><see cref="Step.AttributesJson"/>.</param>
    public static string Span(
        string traceId, string spanId, string? parentSpanId, string name, DateTimeOffset startedAt, DateTimeOffset endedAt, IEnumerable<(string Name, string? Text)> apart, JsonElement? carried)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            json.WriteStartObject();
            json.WriteStartObject("resource");
            Attributes(json, Member(carried, "resource"), []);
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans");
            json.WriteStartObject();
            json.WriteStartObject("scope");
            Attributes(json, Member(carried, "scope"), []);
            json.WriteEndObject();
            json.WriteStartArray("spans");
            json.WriteStartObject();
            json.WriteString("traceId", traceId);
            json.WriteString("spanId", spanId);
            if (parentSpanId is not null)
                json.WriteString("parentSpanId", parentSpanId);
            json.WriteString("name", name);
            json.WriteNumber("kind", Math.Max(0, Array.IndexOf(SpanKinds, Member(carried, "span_kind")?.GetString())));
            json.WriteString("startTimeUnixNano", Nanos(startedAt));
            json.WriteString("endTimeUnixNano", Nanos(endedAt));
            Attributes(json, Member(carried, "attributes"), apart);
            if (Member(carried, "status") is { } status)
            {
                json.WritePropertyName("status");
                status.WriteTo(json);
            }

            Events(json, Member(carried, "events"));
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Events(Utf8JsonWriter json, JsonElement? events)
    {
        if (events is not { ValueKind: JsonValueKind.Array } list)
            return;
        json.WriteStartArray("events");
        foreach (JsonElement one in list.EnumerateArray())
        {
            json.WriteStartObject();
            json.WriteString("name", Member(one, "name")?.GetString());
            if (Member(one, "time") is { } time && time.TryGetDateTimeOffset(out DateTimeOffset at))
                json.WriteString("timeUnixNano", Nanos(at));
            Attributes(json, Member(one, "attributes"), []);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Attributes(Utf8JsonWriter json, JsonElement? attributes, IEnumerable<(string Name, string? Text)> apart)
    {
        json.WriteStartArray("attributes");
        if (attributes is { ValueKind: JsonValueKind.Object } members)
        {
            foreach (JsonProperty member in members.EnumerateObject())
                Attribute(json, member.Name, member.Value);
        }

        foreach ((string name, string? text) in apart)
        {
            if (text is null)
                continue;
            json.WriteStartObject();
            json.WriteString("key", name);
            json.WriteStartObject("value");
            json.WriteString("stringValue", text);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Attribute(Utf8JsonWriter json, string key, JsonElement value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WritePropertyName("value");
        Value(json, value);
        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, JsonElement value)
    {
        json.WriteStartObject();
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                json.WriteString("stringValue", value.GetString());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                json.WriteBoolean("boolValue", value.GetBoolean());
                break;
            case JsonValueKind.Number when value.TryGetInt64(out long whole):
                json.WriteString("intValue", whole.ToString(CultureInfo.InvariantCulture));
                break;
            case JsonValueKind.Number:
                json.WriteNumber("doubleValue", value.GetDouble());
                break;
            case JsonValueKind.Array:
                json.WriteStartObject("arrayValue");
                json.WriteStartArray("values");
                foreach (JsonElement item in value.EnumerateArray())
                    Value(json, item);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case JsonValueKind.Object:
                json.WriteStartObject("kvlistValue");
                json.WriteStartArray("values");
                foreach (JsonProperty member in value.EnumerateObject())
                    Attribute(json, member.Name, member.Value);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }

    private static JsonElement? Member(JsonElement? of, string name) => of is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(name, out JsonElement value) ? value : null;

    private static string Nanos(DateTimeOffset at) => ((at - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);
}
