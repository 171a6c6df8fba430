using System.Text.Json;
using System.Text.RegularExpressions;
using Handrail.Policy;

namespace Handrail;

/// <summary>A second reading of conditions, as plain as it can be, to hold the real one against. Null is unknown.</summary>
internal static class PlainReading
{
    public static bool? Of(Condition condition, ActionRequest action)
    {
        switch (condition)
        {
            case AllOf all:
                var parts = all.Parts.Select(part => Of(part, action)).ToList();
                return parts.Contains(false) ? false : parts.Contains(null) ? null : true;
            case AnyOf any:
                var alternatives = any.Parts.Select(part => Of(part, action)).ToList();
                return alternatives.Contains(true) ? true : alternatives.Contains(null) ? null : false;
            case Not not:
                return !Of(not.Part, action);
            default:
                return Of((Comparison)condition, action);
        }
    }

    private static bool? Of(Comparison comparison, ActionRequest action)
    {
        var member = Member(comparison.Field, action);
        if (comparison.Operator == Operator.Exists) return (member is not null) == comparison.Values[0].Flag;
        if (member is null) return comparison.IgnoreMissing ? false : null;
        return comparison.Operator switch
        {
            Operator.Eq => Equal(member, comparison.Values[0]),
            Operator.Ne => !Equal(member, comparison.Values[0]),
            Operator.In => InOne(member, comparison),
            Operator.NotIn => !InOne(member, comparison),
            Operator.Contains when member is string[] labels => labels.Contains(comparison.Values[0].Text),
            Operator.Contains => member is string text ? ComparableText.Of(text).Contains(ComparableText.Of(comparison.Values[0].Text!), StringComparison.Ordinal) : null,
            Operator.Glob => member is string text ? Regex.IsMatch(ComparableText.Of(text), Pattern(comparison.Values[0].Text!), RegexOptions.Singleline) : null,
            Operator.Gt => member is decimal number ? number > comparison.Values[0].Number : null,
            Operator.Gte => member is decimal number ? number >= comparison.Values[0].Number : null,
            Operator.Lt => member is decimal number ? number < comparison.Values[0].Number : null,
            _ => member is decimal number ? number <= comparison.Values[0].Number : null,
        };
    }

    private static bool? InOne(object member, Comparison comparison)
    {
        var each = comparison.Values.Select(value => Equal(member, value)).ToList();
        return each.Contains(true) ? true : each.Contains(null) ? null : false;
    }

    private static bool? Equal(object member, Scalar value) => (member, value) switch
    {
        (string one, { Text: { } other }) => ComparableText.Of(one) == ComparableText.Of(other),
        (decimal one, { Number: { } other }) => one == other,
        _ => null,
    };

    private static string Pattern(string glob) =>
        "^" + Regex.Escape(ComparableText.Of(glob)).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal) + "$";

    private static object? Member(string field, ActionRequest action) => field switch
    {
        "type" => action.Type,
        "tool" => action.Tool,
        "user" => action.User,
        "vendor" => action.Vendor,
        "category" => action.Category,
        "reasoning" => action.Reasoning,
        "amount" => action.Amount,
        "confidence" => action.Confidence,
        "citations.count" => (decimal)action.CitationCount,
        "checks.failed" => (decimal)action.FailedChecks,
        "risk" => (action.Risk ?? Risk.Irreversible).Word(),
        "session.turns" => 0m,
        "session.taint" => Array.Empty<string>(),
        "hour" => (decimal)Policies.Noonish.Hour,
        "weekday" => "wednesday",
        "arguments.order" => Argument(action, "order") is { ValueKind: not JsonValueKind.Null } order ? order : null,
        "arguments.order.lines" or "arguments.order.note" => Argument(action, "order") is { ValueKind: JsonValueKind.Object } order && order.TryGetProperty(field["arguments.order.".Length..], out var member)
            ? member.ValueKind == JsonValueKind.Number ? member.GetDecimal() : member.GetString()
            : null,
        _ => throw new ArgumentException($"The generator makes no condition over {field}.", nameof(field)),
    };

    private static JsonElement? Argument(ActionRequest action, string name) =>
        action.Arguments.ValueKind == JsonValueKind.Object && action.Arguments.TryGetProperty(name, out var member) ? member : null;
}
