using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Handrail.Policies.Editing;

/// <summary>What kind of value a field holds.</summary>
public enum TypedKind
{
    Text,
    Number,
    Flag,

    /// <summary>Several texts, one a line.</summary>
    Lines,

    /// <summary>Several numbers, one a line.</summary>
    NumberLines,
}

/// <summary>What a person typed, as the value that it stands for. What stands for none is kept as a text, so that the policy's reader says what is wrong with it.</summary>
public static class TypedValue
{
    /// <returns>Null for an empty field.</returns>
    public static JsonNode? Of(string? typed, TypedKind kind)
    {
        var text = typed?.Trim() ?? "";
        return (text, kind) switch
        {
            ("", _) => null,
            (_, TypedKind.Number) => Number(text),
            (_, TypedKind.Flag) => text == "true",
            (_, TypedKind.Lines or TypedKind.NumberLines) => Lines(text, kind),
            _ => JsonValue.Create(text),
        };
    }

    /// <summary>The kind that a value is of, where it may be of any.</summary>
    public static TypedKind KindOf(JsonNode? value) => (value is JsonArray list ? list.FirstOrDefault() : value)?.GetValueKind() switch
    {
        JsonValueKind.Number => TypedKind.Number,
        JsonValueKind.True or JsonValueKind.False => TypedKind.Flag,
        _ => TypedKind.Text,
    };

    /// <summary>A number in the one spelling that is nobody's thousands and nobody's decimals: <c>1000.50</c>.</summary>
    private static JsonValue Number(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(text);

    private static JsonArray Lines(string text, TypedKind kind) =>
    [
        .. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (JsonNode)(kind == TypedKind.NumberLines ? Number(line) : JsonValue.Create(line))),
    ];
}
