using System.Text.Json.Nodes;

namespace Handrail.Policy;

/// <summary>
/// The small vocabulary that <see cref="PolicySchema"/> is written in. An optional member may be null, which the reader takes for absent; so what one member demands of
/// another is said by value, not by presence.
/// </summary>
internal static class SchemaWords
{
    public static JsonObject Text() => new() { ["type"] = "string", ["minLength"] = 1 };

    public static JsonObject Text(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    public static JsonObject Number(decimal? most = null)
    {
        var number = new JsonObject { ["type"] = "number", ["minimum"] = 0 };
        if (most is { } bound) number["maximum"] = bound;
        return number;
    }

    public static JsonObject Whole(int least) => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = int.MaxValue };

    public static JsonObject Flag() => new() { ["type"] = "boolean" };

    public static JsonObject Word<T>()
        where T : struct, Enum => OneOf(Words.All<T>());

    public static JsonObject OneOf(IEnumerable<string> words) => new() { ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) };

    public static JsonObject List(JsonObject items, int least = 0)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = items };
        if (least > 0) list["minItems"] = least;
        return list;
    }

    public static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    public static JsonObject AnyOf(params ReadOnlySpan<JsonObject> schemas) => new() { ["anyOf"] = new JsonArray([.. schemas]) };

    /// <summary>An object with these members and no other. Those whose name ends in <c>!</c> must be there, the others may also be null.</summary>
    public static JsonObject Object(params ReadOnlySpan<(string Name, JsonObject Schema)> members)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var (name, schema) in members)
        {
            if (name.EndsWith('!'))
            {
                required.Add(name[..^1]);
                properties[name[..^1]] = schema;
            }
            else
            {
                properties[name] = OrNull(schema);
            }
        }

        var result = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0) result["required"] = required;
        return result;
    }

    /// <summary>Whoever gives the first member as described must give the second as described too.</summary>
    public static JsonObject IfThen(string given, JsonObject asDescribed, string demanded, JsonObject demandedAs) => new()
    {
        ["if"] = new JsonObject { ["required"] = new JsonArray(given), ["properties"] = new JsonObject { [given] = asDescribed } },
        ["then"] = new JsonObject { ["required"] = new JsonArray(demanded), ["properties"] = new JsonObject { [demanded] = demandedAs } },
    };

    public static JsonObject Also(this JsonObject schema, params ReadOnlySpan<JsonObject> demands)
    {
        schema["allOf"] = new JsonArray([.. demands]);
        return schema;
    }

    public static JsonObject Saying(this JsonObject schema, string description)
    {
        schema["description"] = description;
        return schema;
    }

    public static JsonObject Type(string type) => new() { ["type"] = type };

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type) schema["type"] = new JsonArray(type.DeepClone(), "null");
        else if (schema["enum"] is JsonArray words) words.Add(null);
        else if (schema["anyOf"] is JsonArray alternatives) alternatives.Add(Type("null"));
        else return AnyOf(schema, Type("null"));
        return schema;
    }
}
