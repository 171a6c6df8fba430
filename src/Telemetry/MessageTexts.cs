using System.Text;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>One message of a conversation as text: whose it is and what it says, without the form that its sender gave it.</summary>
/// <param name="Name">The participant's own name, where the message carries one: of several users or agents, which.</param>
public sealed record MessageText(string Role, string Text, string? Name = null);

/// <summary>Reads messages out of the forms that dialects put them in. What is no JSON is one message.</summary>
public static class MessageTexts
{
    /// <summary>More of one step is not read: the step itself shows all.</summary>
    private const int MostMessages = 500;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <param name="role">Whose words they are where the messages don't say.</param>
    public static IReadOnlyList<MessageText> Of(string? messages, string role)
    {
        if (string.IsNullOrWhiteSpace(messages))
            return [];
        if (messages.AsSpan().TrimStart() is not ['[' or '{', ..])
            return [new MessageText(role, messages)];
        try
        {
            using JsonDocument document = JsonDocument.Parse(messages, Options);
            var found = new List<MessageText>();
            Add(found, document.RootElement, role);
            return found;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Cut, broken, or with half of a surrogate pair in it.
            return [new MessageText(role, messages)];
        }
    }

    private static void Add(List<MessageText> found, JsonElement root, string role)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement message in root.EnumerateArray())
            {
                if (found.Count == MostMessages)
                    break;
                AddMessage(found, message, role);
            }

            return;
        }

        if ((Member(root, "messages") ?? Member(root, "contents")) is { ValueKind: JsonValueKind.Array } list)
        {
            Add(found, list, role);
            return;
        }

        AddMessage(found, root, role);
    }

    private static void AddMessage(List<MessageText> found, JsonElement message, string role)
    {
        if (message.ValueKind == JsonValueKind.Object && Member(message, "role") is { ValueKind: JsonValueKind.String } own)
            role = own.GetString()!;
        var text = new StringBuilder();
        Write(text, message, 0);
        if (text.Length > 0)
            found.Add(new MessageText(role is "model" or "ai" ? "assistant" : role, text.ToString(), Member(message, "name") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null));
    }

    /// <summary>The words of a message, and of its parts one after the other; calls and results are left to their own steps.</summary>
    private static void Write(StringBuilder text, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String when element.GetString() is { Length: > 0 } words:
                if (text.Length > 0)
                    text.Append('\n');
                text.Append(words);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement part in element.EnumerateArray())
                    Write(text, part, depth + 1);
                break;
            case JsonValueKind.Object when depth < 8 && IsSpoken(element):
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    // OpenInference writes parts as one name: contents.0.message_content.text.
                    if (member.Name is "content" or "parts" or "text" or "value" or "message" or "contents" || member.Name.EndsWith(".text", StringComparison.Ordinal))
                        Write(text, member.Value, depth + 1);
                }

                break;
        }
    }

    private static bool IsSpoken(JsonElement part) => Member(part, "type") is not { ValueKind: JsonValueKind.String } type
        || type.GetString() is "text" or "input_text" or "output_text" or "message" or "human" or "ai" or "system";

    private static JsonElement? Member(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement value) ? value : null;
}
