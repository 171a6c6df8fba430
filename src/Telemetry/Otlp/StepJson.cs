using System.Text;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>Writes <see cref="Step.AttributesJson"/>: everything a span carried that no content member of the step holds.</summary>
internal static class StepJson
{
    private static readonly string[] SpanKinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];

    public static string Write(ReadOnlySpan<byte> body, in SpanParts span, byte[] resource, byte[] scope, Scratch scratch)
    {
        Utf8JsonWriter json = scratch.BeginJson();
        json.WriteStartObject();
        json.WriteStartObject("attributes"u8);
        int dropped = JsonText.WriteMembers(json, body, scratch.Span);
        json.WriteEndObject();
        if (dropped > 0)
            json.WriteNumber("dropped_attributes"u8, dropped);
        if (span.Kind > 0 && span.Kind < SpanKinds.Length)
            json.WriteString("span_kind"u8, SpanKinds[span.Kind]);
        if (span.Severity > 0)
            json.WriteNumber("severity_number"u8, span.Severity);
        if (span.Body.Kind != ValueKind.Empty)
        {
            json.WritePropertyName("body"u8);
            JsonText.WriteValue(json, body, span.Body, 0);
        }

        WriteStatus(json, body, span);
        WriteEvents(json, body, scratch);
        if (span.DroppedEvents > 0)
            json.WriteNumber("dropped_events"u8, span.DroppedEvents);
        WriteLinks(json, body, scratch);
        if (span.DroppedLinks > 0)
            json.WriteNumber("dropped_links"u8, span.DroppedLinks);
        if (span.TraceState.Length > 0)
        {
            json.WritePropertyName("trace_state"u8);
            JsonText.WriteText(json, body.Slice(span.TraceState.Start, span.TraceState.Length));
        }

        WriteRaw(json, "resource"u8, resource);
        WriteRaw(json, "scope"u8, scope);
        json.WriteEndObject();
        return Encoding.UTF8.GetString(scratch.EndJson());
    }

    /// <summary>A set of attributes as a JSON object of its own.</summary>
    public static byte[] Write(ReadOnlySpan<byte> body, AttributeSet attributes, Scratch scratch)
    {
        if (attributes.Count == 0)
            return [];
        Utf8JsonWriter json = scratch.BeginJson();
        json.WriteStartObject();
        JsonText.WriteMembers(json, body, attributes);
        json.WriteEndObject();
        return scratch.EndJson().ToArray();
    }

    private static void WriteRaw(Utf8JsonWriter json, ReadOnlySpan<byte> name, byte[] value)
    {
        if (value.Length == 0)
            return;
        json.WritePropertyName(name);
        json.WriteRawValue(value, skipInputValidation: true);
    }

    private static void WriteStatus(Utf8JsonWriter json, ReadOnlySpan<byte> body, in SpanParts span)
    {
        if (span.StatusCode == 0 && span.StatusMessage.Length == 0)
            return;
        json.WriteStartObject("status"u8);
        json.WriteNumber("code"u8, span.StatusCode);
        if (span.StatusMessage.Length > 0)
        {
            json.WritePropertyName("message"u8);
            JsonText.WriteText(json, body.Slice(span.StatusMessage.Start, span.StatusMessage.Length));
        }

        json.WriteEndObject();
    }

    private static void WriteEvents(Utf8JsonWriter json, ReadOnlySpan<byte> body, Scratch scratch)
    {
        if (scratch.Events.Count == 0)
            return;
        json.WriteStartArray("events"u8);
        for (int i = 0; i < scratch.Events.Count && !JsonText.IsFull(json); i++)
        {
            EventParts parts = EventParts.Read(body, scratch.Events[i], scratch);
            json.WriteStartObject();
            json.WritePropertyName("name"u8);
            JsonText.WriteText(json, body.Slice(parts.Name.Start, parts.Name.Length));
            if (parts.Time > 0)
                json.WriteString("time"u8, OtlpTime.Text(parts.Time));
            WriteEventAttributes(json, body, scratch);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLinks(Utf8JsonWriter json, ReadOnlySpan<byte> body, Scratch scratch)
    {
        if (scratch.Links.Count == 0)
            return;
        json.WriteStartArray("links"u8);
        for (int i = 0; i < scratch.Links.Count && !JsonText.IsFull(json); i++)
        {
            LinkParts parts = LinkParts.Read(body, scratch.Links[i], scratch);
            json.WriteStartObject();
            if (parts.TraceId.Length == 16 && parts.SpanId.Length == 8)
            {
                json.WriteString("trace_id"u8, Convert.ToHexStringLower(body.Slice(parts.TraceId.Start, 16)));
                json.WriteString("span_id"u8, Convert.ToHexStringLower(body.Slice(parts.SpanId.Start, 8)));
            }

            WriteEventAttributes(json, body, scratch);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEventAttributes(Utf8JsonWriter json, ReadOnlySpan<byte> body, Scratch scratch)
    {
        if (scratch.Event.Count == 0)
            return;
        json.WriteStartObject("attributes"u8);
        JsonText.WriteMembers(json, body, scratch.Event);
        json.WriteEndObject();
    }
}
