using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Handrail.Client.Live;
using Handrail.Client.Offline;
using Handrail.Client.Wire;

namespace Handrail.Client.Control;

/// <summary>What one session may do: asked of the console, of the policy while the console is out of reach, and claimed.</summary>
internal sealed class SessionGate(HandrailClientOptions options, OfflineAnswers offline, Asking asking, ControlState state, string sessionId, string path, string? user)
{
    /// <summary>What was let go without the console, by its id.</summary>
    private readonly ConcurrentDictionary<string, string> _doneOffline = new(StringComparer.Ordinal);

    /// <summary>The decision on an action; after a stop, one that does not proceed.</summary>
    public async Task<ActionDecision> RequestAsync(AgentAction action, CancellationToken cancellationToken)
    {
        var id = action.ActionId ?? Ids.New("a", options.TimeProvider);
        var ask = ConsoleRequest.Post($"{path}/actions", ActionRequest.From(action, id, user, options), WireJson.Default.ActionRequest, options.AskTimeout);
        ActionDecision? alone = null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, state.Stopped);
        try
        {
            var answer = await asking.AskAsync(
                ask,
                _ => PathOf(id),
                DecisionReading.IsPending,
                said => DecisionReading.Read(said, sessionId, id, action).Proceed,
                mayHaveArrived => (alone = offline.Answer(action, id, sessionId, user, state, mayHaveArrived)) is not null,
                HubLine.Action(sessionId, id),
                either.Token).ConfigureAwait(false);
            if (answer is null)
            {
                return Alone(action, alone!);
            }

            if (answer.Status is 409)
            {
                throw new ActionConflictException(id, answer.Detail() ?? "The action id was used before, for something else");
            }

            if (!answer.Succeeded)
            {
                throw answer.Refused("The console did not decide");
            }

            var decision = DecisionReading.Read(answer, sessionId, id, action);
            if (decision is { Verdict: ActionVerdict.Stop } or { Status: ActionStatus.Stopped })
            {
                state.Stop(decision.Reasons.Count > 0 ? decision.Reasons[0].Text : null);
            }

            return UnlessStopped(decision);
        }
        catch (OperationCanceledException) when (state.IsStopped)
        {
            return DecisionReading.Stopped(id, state.StopReason);
        }
    }

    /// <returns>Null when it may be carried out now; else why not, for good.</returns>
    public async Task<string?> ClaimAsync(ActionDecision decision, CancellationToken cancellationToken)
    {
        if (!decision.Proceed)
        {
            return "It was not let go";
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, state.Stopped);
        try
        {
            if (decision.DecidedOffline)
            {
                return state.IsPaused || state.IsStopped ? "The session is held" : null;
            }

            // Its own id: the console answers it again when the first answer is lost on the way.
            var body = new JsonObject { ["claim_id"] = Ids.New("c", options.TimeProvider) };
            var claim = ConsoleRequest.Post($"{PathOf(decision.ActionId)}/claim", body, WireJson.Default.JsonObject, ConsoleConnection.CallTimeout);
            while (true)
            {
                var sent = Moment.Now(options.TimeProvider);
                var answer = await asking.TellAsync(claim, either.Token).ConfigureAwait(false);
                if (answer.Status is 409)
                {
                    return answer.Detail() ?? "The console no longer lets it go";
                }

                if (!answer.Succeeded)
                {
                    throw answer.Refused("The console did not take the claim");
                }

                if (state.IsStopped)
                {
                    return state.StopReason ?? "The session is stopped";
                }

                // Whoever was suspended on the way may read an answer of long ago: the same claim again tells whether it still holds.
                if (sent.Age(options.TimeProvider) <= ConsoleConnection.CallTimeout)
                {
                    return null;
                }
            }
        }
        catch (OperationCanceledException) when (state.IsStopped)
        {
            return state.StopReason ?? "The session is stopped";
        }
    }

    /// <summary>What was let go without the console under this id; null where the console decided.</summary>
    public string? DoneOffline(string actionId) => _doneOffline.GetValueOrDefault(actionId);

    /// <summary>The client answered in the console's place.</summary>
    private ActionDecision Alone(AgentAction action, ActionDecision decision)
    {
        if (decision.Verdict is ActionVerdict.Stop)
        {
            state.Stop(decision.Reasons[^1].Text);
        }

        decision = UnlessStopped(decision);
        if (decision.Proceed)
        {
            _doneOffline[decision.ActionId] = $"Let go without the console, which could not be reached, by policy {decision.PolicyVersion}: {action.Summary ?? action.Type}";
        }

        return decision;
    }

    /// <summary>Looked at last: a stop that was heard while the answer was on its way is stronger than the answer.</summary>
    private ActionDecision UnlessStopped(ActionDecision decision) =>
        state.IsStopped && decision.Proceed ? DecisionReading.Stopped(decision.ActionId, state.StopReason) : decision;

    private string PathOf(string actionId) => $"{path}/actions/{Uri.EscapeDataString(actionId)}";
}
