using Handrail.Shell.Display;
using MudBlazor;

namespace Handrail.Sessions;

/// <summary>What a control order means, in the words of its confirmation.</summary>
/// <param name="Question">The dialog's title.</param>
/// <param name="Effect">What happens.</param>
/// <param name="Deed">The button.</param>
/// <param name="Done">Said afterwards.</param>
public sealed record OrderWords(string Question, string Effect, string Deed, string Done, Color Colour)
{
    /// <summary>What is said where the database has not taken a stop or a pause.</summary>
    public const string Latched = "The database does not take it at this moment. This console holds the order: agents that talk to it hear of it with their next call, and it is written down as soon as the database is back.";

    private const int MostAgentsNamed = 4;

    /// <summary>The same with what a stop would reach as things stand.</summary>
    /// <param name="reach">Null where the database did not say in time.</param>
    public OrderWords Reaching(StopReach? reach) => reach is null ? this with { Effect = $"The database does not say at this moment what it would reach. {Effect}" } : this with { Effect = $"{Reached(reach)} {Effect}" };

    private static string Reached(StopReach reach)
    {
        var below = reach.Below == 0 ? "" : $", {Figures.Count(reach.Below)} of them started by the others";
        var agents = reach.Agents.Count == 0 ? ""
            : $", of {string.Join(", ", reach.Agents.Take(MostAgentsNamed).Select(a => a.Agent))}{(reach.Agents.Count > MostAgentsNamed ? $" and {Figures.Count(reach.Agents.Count - MostAgentsNamed)} more agents" : "")}";
        var hidden = reach.Hidden == 0 ? "" : $"{Figures.Count(reach.Hidden)}{(reach.Sessions == 0 ? null : " more")} that you may not see";
        return (reach.Sessions, reach.Hidden) switch
        {
            (0, 0) => "No session is under way that it would reach now.",
            (0, _) => $"It reaches sessions now: {hidden}.",
            _ => $"It reaches {Figures.Count(reach.Sessions)} {(reach.Sessions == 1 ? "session" : "sessions")} now{below}{agents}{(hidden.Length == 0 ? null : $"; and {hidden}")}.",
        };
    }

    /// <summary>What is said afterwards.</summary>
    /// <param name="latched">The order as this console holds it; null where it is written down.</param>
    public (string Said, Severity How) Said(LatchedOrder? latched) => latched is null ? (Done, Severity.Success) : ($"{Done} {Latched}", Severity.Warning);

    /// <param name="agent">Null for the whole fleet.</param>
    public static OrderWords ForScope(string? agent, ControlKind kind)
    {
        var subject = agent is null ? "the fleet" : $"agent {agent}";
        var whole = agent is null ? "every agent" : "this agent";
        return kind switch
        {
            ControlKind.Stop => new(
                $"Stop {subject}?",
                $"Every session of {whole} is told to stop and stays stopped. What waits for a person is cancelled, approvals not yet carried out are void, and the gate refuses everything until you resume.",
                $"Stop {subject}", $"Stop ordered: {subject}.", Color.Error),
            ControlKind.Pause => new(
                $"Pause {subject}?",
                $"Every present and future session of {whole} is told to pause, and the gate holds every action until you resume.",
                $"Pause {subject}", $"Pause ordered: {subject}.", Color.Warning),
            _ => new(
                $"Resume {subject}?",
                $"Paused sessions of {whole} go on, and new ones may start. Sessions that were stopped stay stopped.",
                $"Resume {subject}", $"Resumed: {subject}.", Color.Primary),
        };
    }

    /// <param name="kind">Stop or pause.</param>
    public static OrderWords ForMany(int sessions, ControlKind kind)
    {
        var count = $"{Figures.Count(sessions)} {(sessions == 1 ? "session" : "sessions")}";
        return kind == ControlKind.Stop
            ? new($"Stop {count}?", "Their agents are told to stop for good, and so are the sessions that they started; nothing they ask for is let go any more.", "Stop", $"Stop ordered: {count}.", Color.Error)
            : new($"Pause {count}?", "Their agents are told to wait; nothing they ask for is let go until they are resumed.", "Pause", $"Pause ordered: {count}.", Color.Primary);
    }

    public static OrderWords ForSession(ControlKind kind) => kind switch
    {
        ControlKind.Stop => new(
            "Stop this session?",
            "The agent is told to stop, and this session stays stopped, with all that it started. What waits for a person is cancelled, approvals not yet carried out are void, and the gate refuses whatever it still asks.",
            "Stop session", "Stop ordered.", Color.Error),
        ControlKind.TakeOver => new(
            "Take this session over?",
            "The agent is told to wait, and the gate holds its actions. What waits for a person in it is withdrawn. You write to the user or to the agent until you hand the session back or end it.",
            "Take over", "The session is yours.", Color.Primary),
        ControlKind.Pause => new(
            "Pause this session?", "The agent is told to pause, and the gate holds every action of this session until you resume it.", "Pause session", "Pause ordered.", Color.Warning),
        _ => new("Resume this session?", "The agent is told to go on, and the gate answers again.", "Resume session", "Resumed.", Color.Primary),
    };
}
