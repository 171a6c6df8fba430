using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Client.Control;
using Handrail.Client.Wire;
using Handrail.Policy;
using ActionRequest = Handrail.Policy.ActionRequest;
using ControlState = Handrail.Client.Control.ControlState;

namespace Handrail.Client.Offline;

/// <summary>Answers in the console's place while it can't be reached, exactly as the policy's <c>offline</c> says; where that does not settle it, the action waits.</summary>
internal sealed class OfflineAnswers(HandrailClientOptions options, ConsoleConnection connection, Func<HeldPolicy?> held)
{
    /// <summary>What the client's clocks may be wrong by.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private Prepared? _prepared;

    /// <summary>
    /// The answer on an action that the console has not answered; null while it is better to go on asking. What may have arrived there may have been refused: then
    /// nobody but the console lets it go.
    /// </summary>
    public ActionDecision? Answer(AgentAction action, string actionId, string sessionId, string? user, ControlState state, bool mayHaveArrived)
    {
        if (connection.UnreachableFor is not { } gone || gone < options.OfflineAfter || held() is not { Layers.Value: { } layers } policy)
        {
            return null;
        }

        var offline = Ready(layers);
        switch (offline.Mode)
        {
            case OfflineMode.Deny:
                return Refused(ActionVerdict.Deny, ActionStatus.Denied, [new DecisionReason("client:offline", "The console can't be reached, and the policy denies everything meanwhile")]);
            case OfflineMode.Hold:
                return null;
        }

        if (policy is not { RulesAlone: true, Confirmed: { } confirmed, ConsoleClock: { } then } || confirmed.Age(connection.Clock) is var age && age + Margin > offline.MaxAge)
        {
            return null;
        }

        var decision = offline.Decide(Request(action, actionId, user), sessionId, then + age);
        var reasons = decision.Reasons.Select(reason => new DecisionReason(reason.Rule, reason.Text)).Prepend(new DecisionReason(
            "client:offline", FormattableString.Invariant($"Decided without the console by policy {policy.Policy.Version}, known to be in force {age.TotalSeconds:0} s ago"))).ToList();
        return decision.Verdict switch
        {
            Verdict.Allow when !mayHaveArrived && !state.IsPaused && !state.IsStopped => new ActionDecision
            {
                ActionId = actionId,
                Proceed = true,
                Verdict = ActionVerdict.Allow,
                Status = ActionStatus.Allowed,
                Reasons = reasons,
                Arguments = (JsonObject?)action.Arguments?.DeepClone(),
                Amount = action.Amount,
                PolicyVersion = policy.Policy.Version,
                DecidedOffline = true,
            },
            Verdict.Allow or Verdict.Review => null,
            Verdict.Shadow => Refused(ActionVerdict.Shadow, ActionStatus.Shadowed, reasons),
            Verdict.Deny => Refused(ActionVerdict.Deny, ActionStatus.Denied, reasons),
            _ => Refused(ActionVerdict.Stop, ActionStatus.Stopped, reasons),
        };

        ActionDecision Refused(ActionVerdict verdict, ActionStatus status, IReadOnlyList<DecisionReason> why) => new()
        {
            ActionId = actionId,
            Proceed = false,
            Verdict = verdict,
            Status = status,
            Reasons = why,
            PolicyVersion = policy.Policy.Version,
            DecidedOffline = true,
        };
    }

    private OfflinePolicy Ready(IReadOnlyList<PolicyLayer> layers)
    {
        if (_prepared is not { } prepared || prepared.Layers != layers)
        {
            _prepared = prepared = new Prepared(layers, new OfflinePolicy(layers));
        }

        return prepared.Policy;
    }

    private ActionRequest Request(AgentAction action, string actionId, string? user) => new(actionId, options.Agent, action.Type)
    {
        AgentVersion = options.AgentVersion,
        User = action.User ?? user,
        Tool = action.Tool,
        Amount = action.Amount,
        Currency = action.Currency,
        Vendor = action.Vendor,
        Category = action.Category,
        Confidence = action.Confidence is { } stated and >= 0 and <= 1 ? (decimal)stated : null,
        Reasoning = action.Reasoning,
        CitationCount = action.Citations.Count,
        FailedChecks = action.Checks.Count(check => !check.Passed),
        Risk = action.Risk switch
        {
            ActionRisk.Read => Risk.Read,
            ActionRisk.Reversible => Risk.Reversible,
            ActionRisk.External => Risk.External,
            ActionRisk.Irreversible => Risk.Irreversible,
            _ => null,
        },
        Arguments = action.Arguments is { } arguments ? JsonSerializer.SerializeToElement(arguments, WireJson.Default.JsonObject) : default,
    };

    /// <summary>One object, because many actions may be asked about at once: never one policy's layers with another's answers.</summary>
    private sealed record Prepared(IReadOnlyList<PolicyLayer> Layers, OfflinePolicy Policy);
}
