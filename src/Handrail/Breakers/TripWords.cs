using System.Globalization;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Breakers;

/// <summary>A trip in our words, the same on every page, in the audit record and in what on-call is told.</summary>
public static class TripWords
{
    /// <summary>Names come from agents: longer ones are cut.</summary>
    private const int LongestName = 60;

    /// <summary>Such as <c>Stopped after 6 identical calls of search_web: the same arguments, the same result</c>.</summary>
    public static string Sentence(BreakerTrip trip)
    {
        var detail = JsonText.Read<TripDetail>(trip.DetailJson);
        var deed = trip.Then switch
        {
            BreakerOutcome.Alert => "Alert",
            BreakerOutcome.Review => "Sent to people",
            BreakerOutcome.Pause => "Paused",
            _ => "Stopped",
        };
        var figure = Figure(trip.Metric, trip.Figure, trip.Currency);
        return trip.Metric switch
        {
            BreakerMetric.RepeatedCalls => $"{deed} after {figure} identical {(detail?.Tool is { } tool ? $"calls of {Short(tool)}: the same arguments" : "messages: asked the same")}{(detail?.SameResult == true ? ", the same result" : "")}",
            BreakerMetric.PingPong => $"{deed} after {figure} handovers between {List(detail?.Agents)} without other progress",
            BreakerMetric.ConsecutiveErrors => $"{deed} after {figure} failures in a row",
            _ => $"{deed} at {figure} {Counted(trip.Metric)}{Over(trip)}",
        }
        + $"; the limit is {Figure(trip.Metric, trip.Threshold, trip.Currency)}";
    }

    /// <summary>Such as <c>2.31 USD</c>, <c>31 min</c> or <c>150,000</c>.</summary>
    public static string Figure(BreakerMetric metric, decimal figure, string? currency) => metric switch
    {
        BreakerMetric.CostUsd => Number(figure, "#,##0.00##") + " USD",
        BreakerMetric.AllowedAmount => $"{Number(figure, "#,##0.00")} {currency}",
        BreakerMetric.ElapsedSeconds or BreakerMetric.SilenceSeconds => figure >= 120 ? Number(decimal.Floor(figure / 60), "N0") + " min" : Number(figure, "N0") + " s",
        _ => Number(figure, "N0"),
    };

    /// <summary>What the figure counts: <c>spent</c>, <c>turns</c>.</summary>
    public static string Counted(BreakerMetric metric) => metric switch
    {
        BreakerMetric.CostUsd => "spent",
        BreakerMetric.Turns => "turns",
        BreakerMetric.Steps => "steps",
        BreakerMetric.LlmCalls => "model calls",
        BreakerMetric.ToolCalls => "tool calls",
        BreakerMetric.Tokens => "tokens",
        BreakerMetric.ContextTokens => "tokens of context",
        BreakerMetric.ElapsedSeconds => "since the start",
        BreakerMetric.Errors => "failed steps",
        BreakerMetric.ConsecutiveErrors => "failures in a row",
        BreakerMetric.RepeatedCalls => "identical calls",
        BreakerMetric.PingPong => "handovers to and fro",
        BreakerMetric.DeniedActions => "denied actions",
        BreakerMetric.AllowedAmount => "let go",
        BreakerMetric.UnpricedCalls => "calls of unknown cost",
        _ => "of silence",
    };

    /// <summary>Such as <c> by the agent within 1 h</c>.</summary>
    private static string Over(BreakerTrip trip)
    {
        var whose = trip.Scope == "fleet" ? " by the fleet" : trip.Scope.StartsWith("agent:", StringComparison.Ordinal) ? " by the agent" : "";
        return trip.WindowSeconds is { } seconds ? $"{whose} within {Window(seconds)}" : whose;
    }

    private static string Window(int seconds) =>
        seconds % 86_400 == 0 ? $"{seconds / 86_400} d" : seconds % 3_600 == 0 ? $"{seconds / 3_600} h" : $"{seconds / 60} min";

    private static string List(IReadOnlyList<string>? agents) => agents is not { Count: > 1 }
        ? "agents"
        : $"{string.Join(", ", agents.SkipLast(1).Select(Short))} and {Short(agents[^1])}";

    private static string Short(string name) => name.Length <= LongestName ? name : name[..LongestName] + "…";

    private static string Number(decimal figure, string format) => figure.ToString(format, CultureInfo.InvariantCulture);
}
