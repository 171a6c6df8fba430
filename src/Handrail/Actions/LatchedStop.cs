using Handrail.Access;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Actions;

/// <summary>What the gate answers by an order that the database has not taken yet.</summary>
internal static class LatchedStop
{
    public static GateAnswer Answer(Caller caller, string sessionId, GateQuestion question, LatchedOrder order, DateTimeOffset now)
    {
        var request = question.Request;
        var action = new GatedAction
        {
            SessionId = sessionId,
            ActionId = request.ActionId,
            Digest = question.Digest,
            Team = caller.Team!,
            Agent = request.Agent,
            Type = request.Type,
            Risk = (request.Risk ?? Risk.Irreversible).Text(),
            Verdict = Verdict.Stop,
            Status = ActionStatus.Stopped,
            ReasonsJson = JsonText.Of(new[] { new ReasonText($"control:{Subject(order)}", $"The {Subject(order)} is stopped{Because(order)}") }),
            PolicyVersion = default(LayerVersions).ToString(),
            FactsJson = "{}",
            RequestedAt = now,
        };
        return new GateAnswer(action, ControlState.Stopped, action.PolicyVersion);
    }

    public static Refusal Held(LatchedOrder order) =>
        new(RefusalKind.Held, $"The session is held: The {Subject(order)} is paused{Because(order)}") { RetryAfter = GateBatch.HeldRetry };

    private static string Subject(LatchedOrder order) => order.SessionId is not null ? "session" : order.ForAgent is not null ? "agent" : "fleet";

    private static string Because(LatchedOrder order) => order.Reason is null ? "" : $": {order.Reason}";
}
