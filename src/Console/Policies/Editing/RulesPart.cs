using System.Text.Json.Nodes;
using Handrail.Policy;

namespace Handrail.Policies.Editing;

/// <summary>One part of the Rules page.</summary>
/// <param name="Key">In the address.</param>
/// <param name="Title">On the page.</param>
/// <param name="Purpose">What it is for, in a sentence.</param>
public sealed record RulesPart(string Key, string Title, string Purpose)
{
    /// <summary>One of its entries: "limit".</summary>
    public string? Entry { get; init; }

    /// <summary>An entry to begin with, wrong until somebody says what it is about: nothing is let go or held back by a mere click.</summary>
    public Func<DraftDocument, JsonObject>? Begin { get; init; }

    /// <summary>It is a list of the document.</summary>
    public bool IsList => Begin is not null;

    /// <summary>The members of the document that it shows.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    public static IReadOnlyList<RulesPart> All { get; } =
    [
        new("limits", "Limits", "How far actions may go without a person. Of all limits that cover an action, the most specific alone counts: vendor before category before type.")
        {
            Entry = "limit", Members = ["limits"], Begin = _ => new JsonObject { ["type"] = "", ["currency"] = "USD" },
        },
        new("rules", "Rules", "What holds an action back. A rule can only tighten; the strictest one wins, and their order does not matter.")
        {
            Entry = "rule", Members = ["rules"],
            Begin = form => new JsonObject { ["id"] = Free(form, "rules", "rule"), ["when"] = ConditionForm.Beginning(), ["then"] = RuleOutcome.Review.Word() },
        },
        new("breakers", "Breakers", "Figures at which a session, an agent or the whole fleet is halted until a person resumes it.")
        {
            Entry = "breaker", Members = ["breakers"],
            Begin = form => new JsonObject
            {
                ["id"] = Free(form, "breakers", "breaker"), ["scope"] = BreakerScope.Session.Word(), ["metric"] = BreakerMetric.CostUsd.Word(), ["then"] = BreakerOutcome.Pause.Word(),
            },
        },
        new("tools", "Tools", "What is known of single tools: labels that taint rows speak of, the least risk, what an agent may set, and whether it may be used at all.")
        {
            Entry = "tool", Members = ["tools"], Begin = _ => new JsonObject { ["name"] = "" },
        },
        new("taint", "Taint", "Once a session has used tools with all of some labels, tools with others are out of its reach until it ends.")
        {
            Entry = "taint row", Members = ["taint"], Begin = _ => [],
        },
        new("guarantees", "Guarantees", "What must never go without a person. Each is proven before anything is published; what would break one is refused with an action that would go.")
        {
            Entry = "guarantee", Members = ["guarantees"],
            Begin = form => new JsonObject { ["id"] = Free(form, "guarantees", "guarantee"), ["never_allow"] = ConditionForm.Beginning() },
        },
        new("review", "Review", "How people decide what comes to them. Silence is never consent.") { Members = ["review"] },
        new("offline", "Offline and silence", "What a client answers that can't reach the console, when a session counts as lost, and whose clock the policy goes by.")
        {
            Members = ["offline", "silence_seconds", "time_zone"],
        },
        new("try", "Try it", "What this layer would say of an action, with every reason: with the draft where there is one."),
        new("versions", "Versions", "Who published what, when and why."),
        new("file", "Import and export", "The whole layer as JSON."),
    ];

    public static RulesPart Of(string? key) => All.FirstOrDefault(part => part.Key == key) ?? All[0];

    /// <summary>How much is wrong within it.</summary>
    public int Errors(DraftDocument form) => Members.Sum(form.CountUnder);

    private static string Free(DraftDocument form, string list, string word)
    {
        var taken = form.Items(list).Select(entry => ComparableText.Of(DraftDocument.Text(entry, "id"))).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, taken.Count + 1).Select(number => FormattableString.Invariant($"{word}-{number}")).First(id => !taken.Contains(id));
    }
}
