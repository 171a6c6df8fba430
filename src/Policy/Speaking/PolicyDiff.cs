namespace Handrail.Policy;

/// <summary>Says what changed from one document to another, a line for each thing.</summary>
public static class PolicyDiff
{
    /// <summary>Such as <c>expense.approve: suggest -> bounded</c> or <c>limit expense.approve/meals: 25.00 USD -> 40.00 USD</c>; empty when they differ in nothing but order.</summary>
    public static IReadOnlyList<string> Lines(PolicyDocument before, PolicyDocument after) =>
    [
        .. Value("all other actions", LevelOf(before), LevelOf(after)),
        .. Items("", before.Actions, after.Actions, level => ComparableText.Of(level.Type), level => level.Autonomy.Word()),
        .. Items("limit ", before.Limits, after.Limits, limit => limit.Key, ReadAloud.Bounds),
        .. Items("rule ", before.Rules, after.Rules, rule => rule.Id, Whole),
        .. Items("breaker ", before.Breakers, after.Breakers, breaker => breaker.Id, ReadAloud.Breaker),
        .. Items("tool ", before.Tools, after.Tools, tool => ComparableText.Of(tool.Name), ReadAloud.Tool),
        .. Items("taint ", before.Taint.Distinct(), after.Taint.Distinct(), ReadAloud.TaintRow, _ => ""),
        .. Settings("review ", Named(before.Review), Named(after.Review)),
        .. Items("guarantee ", before.Guarantees, after.Guarantees, guarantee => guarantee.Id, Whole),
        .. Settings("offline ", Named(before.Offline), Named(after.Offline)),
        .. Value("silence", Number(before.SilenceSeconds), Number(after.SilenceSeconds)),
        .. Value("time zone", before.TimeZone, after.TimeZone),
    ];

    private static string LevelOf(PolicyDocument document) => (document.Autonomy ?? PolicyDocument.DefaultAutonomy).Word();

    private static string Whole(Rule rule)
    {
        var text = ReadAloud.Rule(rule);
        if (rule.Name is { } name) text = $"{name}: {text}";
        return rule.Message is { } message ? $"{text} ({message})" : text;
    }

    private static string Whole(Guarantee guarantee) =>
        guarantee.Text is { } text ? $"{text}: {ReadAloud.Guarantee(guarantee)}" : ReadAloud.Guarantee(guarantee);

    private static (string Name, string? Value)[] Named(ReviewSettings review) =>
    [
        ("timeout", review.TimeoutSeconds is { } seconds ? $"{Say.Number(seconds)} s" : null),
        ("on timeout", review.OnTimeout?.Word()),
        ("escalate to", review.EscalateTo),
        ("approvals", Number(review.Approvals)),
        ("two people over", review.TwoPersonOver is { } over ? Say.Money(over.Amount, over.Currency).ToString() : null),
        ("two people at risk", review.TwoPersonRisk?.Word()),
        ("forbid self-approval", review.ForbidSelfApproval is { } forbid ? (forbid ? "yes" : "no") : null),
        ("sample rate", Number(review.SampleRate)),
    ];

    private static (string Name, string? Value)[] Named(OfflineSettings offline) =>
        [("mode", offline.Mode?.Word()), ("max age", offline.MaxAgeSeconds is { } seconds ? $"{Say.Number(seconds)} s" : null)];

    private static string? Number(decimal? number) => number is { } given ? Say.Number(given).ToString() : null;

    private static IEnumerable<string> Settings(string kind, (string Name, string? Value)[] before, (string Name, string? Value)[] after) =>
        before.Zip(after).SelectMany(pair => Value(kind + pair.First.Name, pair.First.Value, pair.Second.Value));

    private static IEnumerable<string> Items<T>(string kind, IEnumerable<T> before, IEnumerable<T> after, Func<T, string> keyOf, Func<T, string> say)
    {
        var old = before.ToDictionary(keyOf);
        var all = after.ToDictionary(keyOf);
        foreach (var (key, item) in old)
            if (!all.ContainsKey(key)) yield return Line($"{kind}{key} removed", say(item));
        foreach (var (key, item) in all)
        {
            if (!old.TryGetValue(key, out var was)) yield return Line($"{kind}{key} added", say(item));
            else if (say(was) != say(item)) yield return $"{kind}{key}: {say(was)} -> {say(item)}";
            else if (!was!.Equals(item)) yield return Line($"{kind}{key} written anew", say(item));
        }
    }

    private static string Line(string what, string detail) => detail.Length == 0 ? what : $"{what}: {detail}";

    private static IEnumerable<string> Value(string name, string? before, string? after) =>
        before == after ? [] : [$"{name}: {before ?? "not set"} -> {after ?? "not set"}"];
}
