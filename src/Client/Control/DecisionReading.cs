using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Client.Wire;

namespace Handrail.Client.Control;

/// <summary>Reads the gate's answer. There is one way to a yes, and every doubt leads off it.</summary>
internal static class DecisionReading
{
    public static bool IsPending(ConsoleAnswer answer) =>
        answer.Read(WireJson.Default.ActionAnswer) is { Status: "pending" };

    public static ActionDecision Read(ConsoleAnswer answer, string sessionId, string actionId, AgentAction proposed)
    {
        if (answer.Read(WireJson.Default.ActionAnswer) is not { } said)
        {
            return Refused(actionId, ActionVerdict.Unknown, ActionStatus.Unknown, "client:unreadable", "The console's answer could not be read");
        }

        if (said.ActionId != actionId || said.SessionId != sessionId)
        {
            return Refused(actionId, ActionVerdict.Unknown, ActionStatus.Unknown, "client:other-action", "The console's answer speaks of another action");
        }

        var verdict = Names.Verdict(said.Verdict);
        var status = Names.Status(said.Status);
        var edited = said.Edited ?? false;
        var (arguments, argumentsReadable) = Arguments(said.Arguments, proposed.Arguments, edited);
        var letGo = (verdict, status) is (ActionVerdict.Allow, ActionStatus.Allowed) or (ActionVerdict.Review, ActionStatus.Approved);
        return new ActionDecision
        {
            ActionId = actionId,
            Proceed = said.Proceed is true && letGo && argumentsReadable,
            Verdict = verdict,
            Status = status,
            Reasons = [.. (said.Reasons ?? []).OfType<DecisionReason>()],
            Arguments = arguments,
            Amount = said.Amount ?? proposed.Amount,
            Edited = edited,
            HandoffId = said.HandoffId,
            PolicyVersion = said.PolicyVersion,
            ExpiresAt = said.ExpiresAt,
            Grant = said.Grant,
            DecidedBy = said.DecidedBy,
            Note = said.Note,
        };
    }

    public static ActionDecision Stopped(string actionId, string? reason) =>
        Refused(actionId, ActionVerdict.Stop, ActionStatus.Stopped, "client:stopped", reason ?? "The session is stopped");

    private static ActionDecision Refused(string actionId, ActionVerdict verdict, ActionStatus status, string rule, string text) => new()
    {
        ActionId = actionId,
        Proceed = false,
        Verdict = verdict,
        Status = status,
        Reasons = [new DecisionReason(rule, text)],
    };

    private static (JsonObject? Arguments, bool Readable) Arguments(JsonElement? said, JsonObject? proposed, bool edited) => said switch
    {
        { ValueKind: JsonValueKind.Object } given => (JsonObject.Create(given), true),

        // Edited, and the edit is not there: what was approved is not known.
        null or { ValueKind: JsonValueKind.Null } => ((JsonObject?)proposed?.DeepClone(), !edited || proposed is null),
        _ => (null, false),
    };
}
