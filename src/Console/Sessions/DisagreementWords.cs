using Handrail.Costs;
using Handrail.Shell.Display;

namespace Handrail.Sessions;

/// <summary>In what telemetry and the gate disagree, in our words.</summary>
public static class DisagreementWords
{
    /// <summary>What was found, in a few words.</summary>
    public static string Title(DisagreementKind kind) => kind switch
    {
        DisagreementKind.Untold => "Done at the gate, not told in telemetry",
        DisagreementKind.PastTheGate => "Called past the gate",
        _ => "Costs reported too low",
    };

    /// <summary>What each side says. A tool's and an agent's name are shown apart, as what they are: words of the agent.</summary>
    public static string Sides(Disagreement found) => found.Kind switch
    {
        DisagreementKind.Untold => $"The agent reported {Times(found.CarriedOut, "action")} with this tool as carried out; its telemetry, which tells of other tools, tells of no such call.",
        DisagreementKind.PastTheGate => $"Telemetry tells of {Times(found.Calls, "call")} of this tool, which the policy holds back; the gate was asked {Asked(found.Asked)} in this session and let none go.",
        _ => $"The sender says that its model calls cost {CostWords.Fine(found.ReportedUsd ?? 0)}; by the price table their tokens come to {CostWords.Fine(found.PricedUsd ?? 0)}.",
    };

    private static string Times(int count, string what) => $"{Figures.Count(count)} {what}{(count == 1 ? null : "s")}";

    private static string Asked(int count) => count switch
    {
        0 => "never",
        1 => "once",
        _ => $"{Figures.Count(count)} times",
    };
}
