using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Store;

namespace Handrail.Handoffs;

/// <summary>An answer that may be chosen with one press.</summary>
public sealed record AnswerOption(string Id, string Label);

/// <summary>
/// A person's answer to an agent's question, in the shape that was asked for: a form where the schema is a flat object, else JSON
/// where there is a schema, else one of the options, else free text.
/// </summary>
public sealed class AnswerDraft
{
    /// <summary>More members than this are no form any more.</summary>
    private const int MostFields = 20;

    public AnswerDraft(HandoffAnswer question)
    {
        Options = [.. OptionsOf(question.Options)];
        Fields = FieldsOf(question.AnswerSchema) ?? [];
        Schema = question.AnswerSchema is { } schema && Fields.Count == 0 ? FormField.TextOf(schema) : null;
        if (Schema is not null)
        {
            Fields = [new FormField("", FieldKind.Json, null) { Required = true }];
        }
        else if (Fields.Count == 0 && Options.Count == 0)
        {
            Fields = [new FormField("text", FieldKind.Text, null) { Required = true, Title = "Your answer" }];
            Free = true;
        }
    }

    public IReadOnlyList<AnswerOption> Options { get; }

    /// <summary>Empty where an option is all that is asked for.</summary>
    public IReadOnlyList<FormField> Fields { get; }

    /// <summary>The schema, where it is none that a form can be made of.</summary>
    public string? Schema { get; }

    /// <summary>The agent asked for no form: the one field is ours.</summary>
    public bool Free { get; }

    public bool Valid => Fields.Count > 0 && Fields.All(f => f.Error is null);

    public static HandoffDecision Choose(AnswerOption option, string? note) =>
        Decision(JsonSerializer.SerializeToElement(new { choice = option.Id }), note);

    /// <exception cref="InvalidOperationException">The draft is not valid.</exception>
    public HandoffDecision ToDecision(string? note)
    {
        if (!Valid)
        {
            throw new InvalidOperationException("The draft has errors.");
        }

        if (Schema is not null)
        {
            return Decision(Fields[0].Value!.Value, note);
        }

        var members = new JsonObject();
        foreach (var field in Fields)
        {
            if (field.Value is { } value)
            {
                members[field.Name] = JsonNode.Parse(value.GetRawText());
            }
        }

        return Decision(JsonText.Element(members.ToJsonString())!.Value, note);
    }

    private static HandoffDecision Decision(JsonElement answer, string? note) =>
        new(DecisionKind.Answer) { Answer = answer, Note = string.IsNullOrWhiteSpace(note) ? null : note.Trim() };

    private static IEnumerable<AnswerOption> OptionsOf(JsonElement? options) => options is not { ValueKind: JsonValueKind.Array } list
        ? []
        : list.EnumerateArray().Select(o => (Id: TextOf(o, "id"), Label: TextOf(o, "label"))).Where(o => o.Id is not null)
            .Select(o => new AnswerOption(o.Id!, o.Label ?? o.Id!));

    /// <summary>Null where the schema is not a flat object.</summary>
    private static List<FormField>? FieldsOf(JsonElement? schema)
    {
        if (schema is not { ValueKind: JsonValueKind.Object } known || TextOf(known, "type") != "object"
            || !known.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var required = known.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!).ToHashSet(StringComparer.Ordinal)
            : [];
        var fields = properties.EnumerateObject().Select(p => FieldOf(p.Name, p.Value, required.Contains(p.Name))).ToList();
        return fields.Count is 0 or > MostFields || fields.Contains(null) ? null : fields.ConvertAll(f => f!);
    }

    private static FormField? FieldOf(string name, JsonElement schema, bool required)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var type = TextOf(schema, "type");
        var choices = schema.TryGetProperty("enum", out var words) && words.ValueKind == JsonValueKind.Array
            && words.EnumerateArray().All(w => w.ValueKind == JsonValueKind.String)
            ? words.EnumerateArray().Select(w => w.GetString()!).ToList()
            : null;
        FieldKind? kind = type switch
        {
            "string" => choices is null ? FieldKind.Text : FieldKind.Choice,
            "number" or "integer" => FieldKind.Number,
            "boolean" => FieldKind.Flag,
            null when choices is not null => FieldKind.Choice,
            _ => null,
        };
        return kind is not { } known ? null : new FormField(name, known, null)
        {
            Title = TextOf(schema, "title") ?? TextOf(schema, "description"),
            Required = required,
            Whole = type == "integer",
            Choices = choices ?? [],
        };
    }

    private static string? TextOf(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
