using System.Text.Json;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Actions;

/// <summary>What a person really did outside the console.</summary>
/// <param name="Decision">Whether the person did as the agent asked, did it otherwise, or did not do it.</param>
public sealed record GroundTruth(PeopleDecision Decision)
{
    /// <summary>The arguments that the person did it with.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>Who the person was, as reported.</summary>
    public string? By { get; init; }

    public string? Note { get; init; }

    /// <summary>Who reported it: a person's address or a key's name.</summary>
    public string? ReportedBy { get; init; }

    public DateTimeOffset? At { get; init; }

    /// <summary>Whether it says the same, whoever reported it.</summary>
    public bool SaysAs(GroundTruth other) =>
        Decision == other.Decision && By == other.By && Note == other.Note && Arguments.HasValue == other.Arguments.HasValue
        && (Arguments is not { } arguments || CanonicalJson.Sha256(arguments) == CanonicalJson.Sha256(other.Arguments!.Value));
}

/// <summary>Says what a person really did outside the console: what shadow mode is compared with. Said once; said again it changes nothing.</summary>
public sealed class RecordGroundTruth(HandrailStore store)
{
    /// <exception cref="Refusal">No right, no such action for this caller, or another truth is known already.</exception>
    public Task<GatedAction> HandleAsync(Caller caller, string sessionId, string actionId, GroundTruth truth, CancellationToken cancel)
    {
        caller.Demand(caller.Kind == CallerKind.AgentKey ? Permission.ActAsAgent : Permission.Decide);
        return store.WriteAsync(
            async unit =>
            {
                var action = await unit.Db.LockActionAsync(caller, sessionId, actionId, cancel);
                if (!caller.MaySee(action.Team, action.Agent))
                {
                    throw Refusal.NotFound($"action '{actionId}' in session '{sessionId}'");
                }

                if (JsonText.Read<GroundTruth>(action.GroundTruthJson) is { } known)
                {
                    return known.SaysAs(truth)
                        ? action
                        : throw Refusal.Conflict($"What a person did is known already: {known.Decision.Text()}, as {known.ReportedBy ?? "somebody"} reported.", ActionAnswer.Of(action));
                }

                action.GroundTruthJson = JsonText.Of(truth with { ReportedBy = caller.Name, At = unit.Now });
                action.People = truth.Decision;
                unit.Record(new AuditEntry(caller, "action.ground_truth", $"action:{action.SessionId}/{action.ActionId}")
                {
                    Reason = truth.Note,
                    After = new { decision = truth.Decision, truth.By, truth.Arguments },
                });
                unit.Tell(HintKind.Action, Hint.ActionKey(action.SessionId, action.ActionId));
                unit.Tell(HintKind.Session, action.SessionId);
                return action;
            },
            cancel);
    }
}
