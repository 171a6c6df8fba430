using System.Globalization;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>Reads the conditions of rules and guarantees.</summary>
internal static class ConditionReader
{
    /// <summary>Stands in where an error was noted; no document with it is ever handed out.</summary>
    private static readonly Condition Nothing = new AllOf([]);

    public static Condition Read(JsonMember? json) => json is { } given ? Read(given, depth: 0) : Nothing;

    private static Condition Read(JsonMember json, int depth)
    {
        var kinds = json.Element.ValueKind == JsonValueKind.Object
            ? json.Element.EnumerateObject().Select(member => member.Name).Where(name => name is "all" or "any" or "not" or "field").ToList()
            : [];
        if (kinds is not [var kind])
        {
            json.Fail("must be one condition: all, any, not, or a field with op and value");
            return Nothing;
        }

        if (kind != "field" && ++depth > Condition.MaxDepth)
        {
            json.Fail(string.Create(CultureInfo.InvariantCulture, $"nests all, any and not more than {Condition.MaxDepth} deep"));
            return Nothing;
        }

        return kind switch
        {
            "all" => new AllOf(Parts(json.AsObject("all"), "all", depth)),
            "any" => new AnyOf(Alternatives(json.AsObject("any"), depth)),
            "not" => new Not(json.AsObject("not").Required("not") is { } part ? Read(part, depth) : Nothing),
            _ => Comparison(json),
        };
    }

    private static ValueList<Condition> Parts(JsonMembers members, string name, int depth) =>
        members.Required(name)?.AsList().Select(part => Read(part, depth)).ToValueList() ?? [];

    private static ValueList<Condition> Alternatives(JsonMembers members, int depth)
    {
        var parts = Parts(members, "any", depth);
        if (parts.Count == 0) members["any"]?.Fail("must name a condition, since it can never be true without one");
        return parts;
    }

    private static Comparison Comparison(JsonMember json)
    {
        var m = json.AsObject("field", "op", "value", "missing");
        var field = Field(m.Required("field"));
        var op = m.Required("op")?.AsWord<Operator>();
        if (m["missing"] is { } missing && !(missing.Element.ValueKind == JsonValueKind.String && missing.Element.GetString() == "ignore"))
            missing.Fail("must be ignore, or left out");
        return new(field, op ?? default, op is { } known ? Values(m, known, field) : [])
        {
            IgnoreMissing = m["missing"] is not null,
        };
    }

    private static string Field(JsonMember? json)
    {
        if (json?.AsText() is not { } name) return "";
        if (Fields.IsKnown(name)) return name;
        json.Value.Fail($"must be one of {string.Join(", ", Fields.Names)} or {Fields.ArgumentsPrefix}<path>");
        return "";
    }

    private static ValueList<Scalar> Values(JsonMembers m, Operator op, string field)
    {
        // "exists" alone speaks for itself: the member is there.
        if (op == Operator.Exists && m["value"] is null) return [Scalar.Of(true)];
        if (m.Required("value") is not { } value) return [];
        return op switch
        {
            Operator.Exists => value.AsFlag() is { } flag ? [Scalar.Of(flag)] : [],
            Operator.Gt or Operator.Gte or Operator.Lt or Operator.Lte => value.AsNumber() is { } number ? [Scalar.Of(number)] : [],
            Operator.Glob => value.AsText() is { } pattern ? [Scalar.Of(pattern)] : [],
            Operator.Contains when value.Element.ValueKind == JsonValueKind.String => value.AsText() is { } part ? [Scalar.Of(part)] : [],
            Operator.In or Operator.NotIn => value.AsList().Select(item => One(item, field)).ToValueList(),
            _ => [One(value, field)],
        };
    }

    private static Scalar One(JsonMember json, string field)
    {
        switch (json.Element.ValueKind)
        {
            case JsonValueKind.String or JsonValueKind.Number when field == Fields.Weekday: return Weekday(json);
            case JsonValueKind.String: return Scalar.Of(json.Element.GetString()!);
            case JsonValueKind.Number: return Scalar.Of(json.AsNumber() ?? 0);
            case JsonValueKind.True or JsonValueKind.False: return Scalar.Of(json.Element.GetBoolean());
            default:
                json.Fail("must be a text, a number, true or false");
                return default;
        }
    }

    /// <summary>A weekday in any of its usual spellings, as the one that <see cref="Fields"/> answers with.</summary>
    private static Scalar Weekday(JsonMember json)
    {
        if (Weekdays.Named(json.Element.ToString()) is { } day) return Scalar.Of(Weekdays.Name(day));
        json.Fail("must be a weekday: monday, mon, or 1 for Monday to 7 for Sunday");
        return default;
    }
}
