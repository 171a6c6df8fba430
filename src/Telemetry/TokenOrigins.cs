using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>
/// What a model call's input was made of, in characters of the text that was sent: how the tokens are shared out among where they came
/// from. Providers bill by the whole and tell of no parts, so the shares are an estimate, and shown as one.
/// </summary>
public readonly record struct TokenOrigins(int System, int Tools, int User, int Assistant, int ToolOutput, int Reasoning)
{
    private const int Parts = 6;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    public long Total => (long)System + Tools + User + Assistant + ToolOutput + Reasoning;

    /// <summary>The shares of a call; null when nothing of its input was sent.</summary>
    public static TokenOrigins? Of(Step step)
    {
        if (step.InputMessages is null && step.SystemInstructions is null)
        {
            return null;
        }

        var sum = new Sum { System = step.SystemInstructions?.Length ?? 0, Tools = step.ToolDefinitions?.Length ?? 0 };
        if (step.InputMessages is { } messages)
        {
            sum.AddAll(messages);
        }

        return sum.Shares is { Total: > 0 } shares ? shares : null;
    }

    /// <summary>As stored: six numbers of seven bits a byte.</summary>
    public byte[] Pack()
    {
        Span<byte> packed = stackalloc byte[Parts * 5];
        int length = 0;
        foreach (int part in (ReadOnlySpan<int>)[System, Tools, User, Assistant, ToolOutput, Reasoning])
        {
            uint rest = (uint)part;
            for (; rest > 0x7F; rest >>= 7)
                packed[length++] = (byte)(rest | 0x80);
            packed[length++] = (byte)rest;
        }

        return packed[..length].ToArray();
    }

    public static TokenOrigins Unpack(ReadOnlySpan<byte> packed)
    {
        Span<int> parts = stackalloc int[Parts];
        int part = 0;
        int shift = 0;
        foreach (byte digit in packed)
        {
            parts[part] |= (digit & 0x7F) << shift;
            shift += 7;
            if (digit <= 0x7F)
            {
                shift = 0;
                if (++part == Parts)
                    break;
            }
        }

        return new TokenOrigins(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
    }

    private struct Sum
    {
        public int System;
        public int Tools;
        private int _user;
        private int _assistant;
        private int _toolOutput;
        private int _reasoning;

        public readonly TokenOrigins Shares => new(System, Tools, _user, _assistant, _toolOutput, _reasoning);

        public void AddAll(string messages)
        {
            if (messages.AsSpan().TrimStart() is not ['[' or '{', ..])
            {
                _user += messages.Length;
                return;
            }

            Sum before = this;
            try
            {
                using JsonDocument document = JsonDocument.Parse(messages, Options);
                AddAll(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // Cut, broken, or with half of a surrogate pair in a name: somebody's words all the same.
                this = before;
                _user += messages.Length;
            }
        }

        private void AddAll(JsonElement root)
        {
            if (root.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement message in root.EnumerateArray())
                    AddMessage(message);
                return;
            }

            if (Member(root, "messages", "contents") is { ValueKind: JsonValueKind.Array } list)
            {
                if (Member(root, "system", "systemInstruction") is { } system)
                    System += Length(system);
                if (Member(root, "tools", "functions") is { } tools)
                    Tools += Length(tools);
                AddAll(list);
                return;
            }

            AddMessage(root);
        }

        private void AddMessage(JsonElement message)
        {
            if (message.ValueKind != JsonValueKind.Object)
            {
                _user += Length(message);
                return;
            }

            string role = Member(message, "role", "type") is { ValueKind: JsonValueKind.String } word ? Word(word) : "";
            if (Member(message, "content", "parts") is { ValueKind: JsonValueKind.Array } parts)
            {
                foreach (JsonElement part in parts.EnumerateArray())
                    Add(Kind(part) ?? role, Length(part));
                return;
            }

            Add(role, Length(message));
        }

        private void Add(string origin, int length)
        {
            switch (origin)
            {
                case "system" or "developer":
                    System += length;
                    break;
                case "assistant" or "model" or "ai" or "tool_call" or "function_call":
                    _assistant += length;
                    break;
                case "tool" or "function" or "tool_result" or "function_call_output" or "tool_call_response":
                    _toolOutput += length;
                    break;
                case "reasoning" or "thinking":
                    _reasoning += length;
                    break;
                default:
                    _user += length;
                    break;
            }
        }

        /// <summary>What a part of a message is, where that tells more than the message's role.</summary>
        private static string? Kind(JsonElement part)
        {
            if (part.ValueKind != JsonValueKind.Object)
                return null;
            if (Member(part, "functionResponse", "tool_result") is not null)
                return "tool";
            return Member(part, "type", "type") is { ValueKind: JsonValueKind.String } type
                ? Word(type) switch
                {
                    "tool_result" or "tool-result" or "tool_call_response" => "tool",
                    "reasoning" or "thinking" => "reasoning",
                    _ => null,
                }
                : null;
        }

        private static JsonElement? Member(JsonElement of, string name, string orName) =>
            of.TryGetProperty(name, out JsonElement value) || of.TryGetProperty(orName, out value) ? value : null;

        private static string Word(JsonElement text) => text.GetString()!;

        private static int Length(JsonElement element) => element.GetRawText().Length;
    }
}
