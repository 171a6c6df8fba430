using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>What the events of a span say: an exception, and messages in the dialects that send them as events.</summary>
internal struct EventFacts
{
    public bool HasException;
    public string? ErrorType;
    public string? ErrorMessage;
    public string? InputMessages;
    public string? OutputMessages;

    public static EventFacts Read(ReadOnlySpan<byte> body, Scratch scratch)
    {
        EventFacts facts = default;
        bool hasMessages = false;
        foreach (Slice message in scratch.Events)
        {
            EventParts parts = EventParts.Read(body, message, scratch);
            string name = scratch.Texts.Get(body.Slice(parts.Name.Start, parts.Name.Length));
            var attributes = new Facts(body, scratch.Event, scratch);
            if (DialectTable.ExceptionEvents.Contains(name))
            {
                facts.HasException = true;
                facts.ErrorType ??= attributes.Label(DialectTable.ErrorType);
                facts.ErrorMessage ??= attributes.Label(DialectTable.ErrorMessage);
            }
            else if (name == DialectTable.DetailsEvent)
            {
                facts.InputMessages ??= attributes.Content(DialectTable.InputMessages);
                facts.OutputMessages ??= attributes.Content(DialectTable.OutputMessages);
            }
            else
            {
                hasMessages |= DialectTable.MessageEvents.ContainsKey(name);
            }
        }

        if (hasMessages)
        {
            facts.InputMessages ??= Messages(body, scratch, goingIn: true);
            facts.OutputMessages ??= Messages(body, scratch, goingIn: false);
        }

        return facts;
    }

    /// <summary>The message events of one direction as a JSON array: <c>[{"event":name, attributes…}]</c>.</summary>
    private static string? Messages(ReadOnlySpan<byte> body, Scratch scratch, bool goingIn)
    {
        Utf8JsonWriter json = scratch.BeginJson();
        json.WriteStartArray();
        bool any = false;
        foreach (Slice message in scratch.Events)
        {
            EventParts parts = EventParts.Read(body, message, scratch);
            string name = scratch.Texts.Get(body.Slice(parts.Name.Start, parts.Name.Length));
            if (!DialectTable.MessageEvents.TryGetValue(name, out bool isIn) || isIn != goingIn || JsonText.IsFull(json))
                continue;
            any = true;
            json.WriteStartObject();
            json.WriteString("event"u8, name);
            JsonText.WriteMembers(json, body, scratch.Event);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return any ? TextPool.Decode(scratch.EndJson()) : null;
    }
}
