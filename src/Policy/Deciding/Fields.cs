using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>The members that conditions may speak of, and how each is found.</summary>
internal static class Fields
{
    public const string ArgumentsPrefix = "arguments.";
    public const string Risk = "risk";
    public const string Taint = "session.taint";
    public const string Weekday = "weekday";

    private static readonly FrozenDictionary<string, Func<Subject, Member>> Readers = new Dictionary<string, Func<Subject, Member>>
    {
        ["type"] = subject => Member.OfText(subject.Type),
        ["tool"] = subject => Member.OfText(subject.Tool),
        ["amount"] = subject => Member.OfNumber(subject.Action.Amount),
        ["currency"] = subject => Member.OfText(subject.Currency),
        ["vendor"] = subject => Member.OfText(subject.Vendor),
        ["category"] = subject => Member.OfText(subject.Category),
        ["confidence"] = subject => Member.OfNumber(subject.Action.Confidence),
        ["user"] = subject => Member.OfText(subject.User),
        ["agent"] = subject => Member.OfText(subject.Agent),
        ["agent_version"] = subject => Member.OfText(subject.AgentVersion),
        [Risk] = subject => Member.OfText(subject.Risk.Word()),
        ["reasoning"] = subject => Member.OfText(subject.Reasoning),
        ["citations.count"] = subject => Member.OfNumber(subject.Action.CitationCount),
        ["checks.failed"] = subject => Member.OfNumber(subject.Action.FailedChecks),
        ["session.cost_usd"] = subject => Member.OfNumber(subject.Facts.CostUsd),
        ["session.turns"] = subject => Member.OfNumber(subject.Facts.Turns),
        ["session.steps"] = subject => Member.OfNumber(subject.Facts.Steps),
        ["session.tool_calls"] = subject => Member.OfNumber(subject.Facts.ToolCalls),
        ["session.context_tokens"] = subject => Member.OfNumber(subject.Facts.ContextTokens),
        [Taint] = subject => Member.OfList([.. subject.Taint.Select(Member.OfText)]),
        ["session.age_seconds"] = subject => Member.OfNumber(subject.Facts.AgeSeconds),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All names but those of single arguments.</summary>
    public static IEnumerable<string> Names => Readers.Keys.Append("hour").Append(Weekday).Order(StringComparer.Ordinal);

    public static bool IsKnown(string name) =>
        Readers.ContainsKey(name) || name is "hour" or Weekday
        || (name.StartsWith(ArgumentsPrefix, StringComparison.Ordinal) && !Path(name).Contains(""));

    /// <summary>How a field is found in an action, with local times in a zone, and as a number where there is the choice: 6 rather than <c>saturday</c>.</summary>
    public static Func<Subject, Member> Reader(string name, TimeZoneInfo zone, bool asNumber)
    {
        if (Readers.TryGetValue(name, out var reader)) return reader;
        if (name == "hour") return subject => Member.OfNumber(Local(subject, zone).Hour);
        if (name == Weekday && asNumber) return subject => Member.OfNumber(Weekdays.Number(Local(subject, zone).DayOfWeek));
        if (name == Weekday) return subject => Member.OfText(Weekdays.Name(Local(subject, zone).DayOfWeek));
        var path = Path(name);
        return subject => Member.Of(Argument(subject.Action.Arguments, path));
    }

    private static DateTimeOffset Local(Subject subject, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(subject.Now, zone);

    private static string[] Path(string name) => name[ArgumentsPrefix.Length..].Split('.');

    /// <summary>The argument at a path of member names and places in lists; undefined where the path leads nowhere.</summary>
    private static JsonElement Argument(JsonElement arguments, string[] path)
    {
        foreach (var step in path)
        {
            if (arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(step, out var member)) arguments = member;
            else if (arguments.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < arguments.GetArrayLength()) arguments = arguments[place];
            else return default;
        }

        return arguments;
    }
}
