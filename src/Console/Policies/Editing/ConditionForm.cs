using System.Text.Json.Nodes;
using Handrail.Policy;

namespace Handrail.Policies.Editing;

/// <summary>What a node of a condition is, and how a hand makes another of it. Whatever was typed is carried over as far as it can mean something.</summary>
public static class ConditionForm
{
    public const string All = "all";
    public const string Any = "any";
    public const string Not = "not";
    public const string Compare = "compare";

    /// <summary>A condition over nothing yet: it holds of every action.</summary>
    public static JsonObject Everything() => new() { [All] = new JsonArray() };

    /// <summary>A whole condition to begin with.</summary>
    public static JsonObject Beginning() => new() { [All] = new JsonArray(Comparison()) };

    /// <summary>A comparison to begin with.</summary>
    public static JsonObject Comparison() => new() { ["field"] = "amount", ["op"] = Operator.Gt.Word() };

    /// <summary>One of <see cref="All"/>, <see cref="Any"/>, <see cref="Not"/> and <see cref="Compare"/>.</summary>
    public static string KindOf(JsonObject node) => node.ContainsKey(All) ? All : node.ContainsKey(Any) ? Any : node.ContainsKey(Not) ? Not : Compare;

    /// <summary>The conditions inside, in their order.</summary>
    public static IReadOnlyList<JsonObject> Parts(JsonObject node) => KindOf(node) switch
    {
        All or Any => node[KindOf(node)] is JsonArray parts ? [.. parts.OfType<JsonObject>()] : [],
        Not => node[Not] is JsonObject part ? [part] : [],
        _ => [],
    };

    /// <summary>Makes a group of another kind out of a group: its parts stay. Of several under a <c>not</c>, all must hold for it not to.</summary>
    public static void Turn(JsonObject node, string kind)
    {
        if (KindOf(node) == kind || kind == Compare)
        {
            return;
        }

        var parts = KindOf(node) == Not && Parts(node) is [var inner] && inner.ContainsKey(All) ? Parts(inner) : Parts(node);
        var moved = parts.Select(part => part.DeepClone()).ToArray();
        node.Clear();
        node[kind] = kind != Not ? new JsonArray(moved) : moved is [var only] ? only : new JsonObject { [All] = new JsonArray(moved) };
    }

    public static void Add(JsonObject group, JsonObject part)
    {
        if (KindOf(group) is All or Any && group[KindOf(group)] is JsonArray parts)
        {
            parts.Add(part);
        }
    }

    /// <summary>Compares another member: an operator and a value that it can't have give way.</summary>
    public static void Speak(JsonObject comparison, string field)
    {
        var before = ConditionField.Of(DraftDocument.Text(comparison, "field"));
        comparison["field"] = field;
        if (ConditionField.Of(field) is not { } member)
        {
            return;
        }

        if (!Words.TryParse<Operator>(DraftDocument.Text(comparison, "op"), out var op) || !member.Operators.Contains(op))
        {
            op = member.Operators[0];
            comparison["op"] = op.Word();
        }

        if (before?.Kind != member.Kind && member.Kind != FieldValue.Any)
        {
            comparison.Remove("value");
        }

        Operate(comparison, op);
    }

    /// <summary>Compares otherwise: one value becomes a list, a list its first value, a text that is a number that number.</summary>
    public static void Operate(JsonObject comparison, Operator op)
    {
        comparison["op"] = op.Word();
        var value = comparison["value"];
        var many = op is Operator.In or Operator.NotIn;
        if (op == Operator.Exists)
        {
            comparison["value"] = value is JsonValue flag && TypedValue.KindOf(flag) == TypedKind.Flag ? flag.DeepClone() : true;
            comparison.Remove("missing");
            return;
        }

        if (TypedValue.KindOf(value) == TypedKind.Flag && op is not (Operator.Eq or Operator.Ne))
        {
            value = null;
        }

        var lines = DraftDocument.TextOf(value);
        var kind = KindOf(comparison, op);
        var typed = TypedValue.Of(many ? lines : lines.Split('\n')[0], kind);
        if (typed is null)
        {
            comparison.Remove("value");
            return;
        }

        comparison["value"] = typed;
    }

    /// <summary>What the value of a comparison is typed as.</summary>
    public static TypedKind KindOf(JsonObject comparison, Operator op)
    {
        var field = ConditionField.Of(DraftDocument.Text(comparison, "field"));
        var kind = op switch
        {
            Operator.Gt or Operator.Gte or Operator.Lt or Operator.Lte => TypedKind.Number,
            Operator.Glob => TypedKind.Text,
            _ when field?.Kind == FieldValue.Number => TypedKind.Number,
            _ when field?.Kind == FieldValue.Any => TypedValue.KindOf(comparison["value"]),
            _ => TypedKind.Text,
        };
        return op is not (Operator.In or Operator.NotIn) ? kind : kind == TypedKind.Number ? TypedKind.NumberLines : TypedKind.Lines;
    }

    /// <summary>Whether another group fits into a group that stands so deep.</summary>
    /// <param name="depth">Groups around it and itself.</param>
    public static bool MayNest(int depth) => depth < Condition.MaxDepth;
}
