using System.Text.Json;
using Handrail.Store;

namespace Handrail.Handoffs;

public enum FieldKind
{
    Text,
    Number,
    Flag,

    /// <summary>One of the words in <see cref="FormField.Choices"/>.</summary>
    Choice,

    /// <summary>Anything nested, and null: edited as JSON text.</summary>
    Json,
}

/// <summary>One value in a form, edited as text and given out as JSON.</summary>
public sealed class FormField(string name, FieldKind kind, JsonElement? before)
{
    private static readonly JsonSerializerOptions Indented = new(JsonText.Options) { WriteIndented = true };

    public string Name { get; } = name;

    public FieldKind Kind { get; } = kind;

    /// <summary>What a person reads in place of the name.</summary>
    public string? Title { get; init; }

    public bool Required { get; init; }

    /// <summary>Only whole numbers.</summary>
    public bool Whole { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    public string BeforeText { get; } = TextOf(before);

    public string Text { get; set; } = TextOf(before);

    public bool Changed => !string.Equals(Text, BeforeText, StringComparison.Ordinal);

    public bool Long => Kind == FieldKind.Json ? BeforeText.Contains('\n', StringComparison.Ordinal) : BeforeText.Length > 80 || BeforeText.Contains('\n', StringComparison.Ordinal);

    /// <summary>What is wrong with the text; null when it can be given out.</summary>
    public string? Error => Kind switch
    {
        _ when !Changed && before is not null => null,
        _ when Text.Length == 0 && Kind is not FieldKind.Text => Required || before is not null ? "must be given." : null,
        FieldKind.Text => Required && string.IsNullOrWhiteSpace(Text) ? "must be given." : null,
        FieldKind.Number => Parsed is { ValueKind: JsonValueKind.Number } number && (!Whole || number.TryGetInt64(out _)) ? null
            : Whole ? "must be a whole number." : "must be a number, such as 1000.50.",
        FieldKind.Choice => Choices.Contains(Text, StringComparer.Ordinal) ? null : "must be one of those offered.",
        FieldKind.Json => Parsed is null ? "must be JSON." : null,
        _ => null,
    };

    /// <summary>Null where nothing is given.</summary>
    public JsonElement? Value => Kind switch
    {
        _ when !Changed && before is not null => before,
        _ when Text.Length == 0 && (Kind != FieldKind.Text || before is null) => null,
        FieldKind.Text or FieldKind.Choice => JsonSerializer.SerializeToElement(Text, JsonText.Options),
        FieldKind.Flag => JsonSerializer.SerializeToElement(Text == "true"),
        _ => Parsed,
    };

    public static FieldKind KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => FieldKind.Text,
        JsonValueKind.Number => FieldKind.Number,
        JsonValueKind.True or JsonValueKind.False => FieldKind.Flag,
        _ => FieldKind.Json,
    };

    /// <summary>A value as people read and edit it.</summary>
    public static string TextOf(JsonElement? value) => value switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Object or JsonValueKind.Array } nested => JsonSerializer.Serialize(nested, Indented),
        { } other => other.GetRawText(),
    };

    private JsonElement? Parsed
    {
        get
        {
            try
            {
                using var json = JsonDocument.Parse(Text);
                return json.RootElement.Clone();
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
