using System.Globalization;

namespace Handrail.Policy;

/// <summary>Reads a whole document aloud: a sentence for everything it says, in the order in which it says it.</summary>
public static class WholePolicy
{
    /// <summary>Such as <c>rules[0]</c>: <c>Deny any expense.* whose vendor is Casino Royale or Coinhub</c>. The general level is always told, what is absent never.</summary>
    public static IReadOnlyList<Reading> ReadAloud(PolicyDocument document) =>
    [
        new("autonomy", Level("Every action that no line below names", document.Autonomy ?? PolicyDocument.DefaultAutonomy)),
        .. Each("actions", document.Actions, level => Level(level.Type, level.Autonomy)),
        .. Each("limits", document.Limits, Policy.ReadAloud.Limit),
        .. Each("rules", document.Rules, Policy.ReadAloud.Rule),
        .. Each("breakers", document.Breakers, Policy.ReadAloud.Breaker),
        .. Each("tools", document.Tools, tool => $"The tool {tool.Name} is {Policy.ReadAloud.Tool(tool)}"),
        .. Each("taint", document.Taint, Policy.ReadAloud.TaintRow),
        .. Review(document.Review),
        .. Each("guarantees", document.Guarantees, Policy.ReadAloud.Guarantee),
        .. Offline(document.Offline),
        .. One("silence_seconds", document.SilenceSeconds, seconds => $"A session without a sign of life for {Say.Duration(TimeSpan.FromSeconds(seconds))} counts as lost"),
        .. One("time_zone", document.TimeZone, zone => $"Hours, weekdays and budgets go by the clock of {zone}"),
    ];

    /// <summary>Such as <c>expense.approve is bounded: it goes if a limit covers it and it is inside that limit, else to a person</c>.</summary>
    public static string Level(string what, Autonomy level) => $"{what} is {(level is Autonomy.Shadow or Autonomy.Suggest ? "at " : "")}{level.Word()}: " + level switch
    {
        Autonomy.Off => "it is denied",
        Autonomy.Shadow => "it is recorded and not done",
        Autonomy.Suggest => "it goes to a person",
        Autonomy.Bounded => "it goes if a limit covers it and it is inside that limit, else to a person",
        _ => "it goes, unless it is outside a limit that covers it, then to a person",
    };

    private static IEnumerable<Reading> Review(ReviewSettings review) =>
    [
        .. One("review.timeout_seconds", review.TimeoutSeconds, seconds => $"A person has {Say.Duration(TimeSpan.FromSeconds(seconds))} to decide"),
        .. One("review.on_timeout", review.OnTimeout, outcome => "When nobody decides in time, " + outcome switch
        {
            TimeoutOutcome.Escalate => $"the {review.EscalateTo} is asked, with a new deadline",
            TimeoutOutcome.Hold => "the action waits for ever",
            _ => "the action is rejected",
        }),
        .. One("review.escalate_to", review.EscalateTo, role => $"Next in line is the role {role}"),
        .. One("review.approvals", review.Approvals, count => count == 1 ? "One person must approve" : $"{Say.Number(count)} different people must approve"),
        .. One("review.two_person_over", review.TwoPersonOver, over => $"Over {Say.Money(over.Amount, over.Currency)} two people must approve"),
        .. One("review.two_person_risk", review.TwoPersonRisk, risk => risk == Risk.Irreversible ? "What is irreversible two people must approve" : $"What is {risk.Word()} or worse two people must approve"),
        .. One("review.forbid_self_approval", review.ForbidSelfApproval, forbid => $"The user on whose behalf the agent acts may {(forbid ? "not " : "")}approve it"),
        .. One("review.sample_rate", review.SampleRate, rate => $"Of all allowed actions a person looks at {(rate * 100).ToString("0.####", CultureInfo.InvariantCulture)} % afterwards"),
    ];

    private static IEnumerable<Reading> Offline(OfflineSettings offline) =>
    [
        .. One("offline.mode", offline.Mode, mode => "A client that can't reach the console " + mode switch
        {
            OfflineMode.Deny => "denies every action",
            OfflineMode.Hold => "lets every action wait until it is back",
            _ => "decides by the policy that it last fetched, and lets wait what that would send to a person",
        }),
        .. One("offline.max_age_seconds", offline.MaxAgeSeconds, seconds => $"A policy fetched more than {Say.Duration(TimeSpan.FromSeconds(seconds))} ago decides nothing offline"),
    ];

    private static IEnumerable<Reading> Each<T>(string path, ValueList<T> items, Func<T, string> say) =>
        items.Select((item, index) => new Reading(string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), say(item)));

    private static IEnumerable<Reading> One<T>(string path, T? value, Func<T, string> say)
        where T : struct => value is { } given ? [new(path, say(given))] : [];

    private static IEnumerable<Reading> One<T>(string path, T? value, Func<T, string> say)
        where T : class => value is null ? [] : [new(path, say(value))];
}
