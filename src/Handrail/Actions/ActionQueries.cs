using Handrail.Access;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>A decision as the Session page lists it.</summary>
public sealed record DecisionRow(
    string ActionId, string Agent, string Type, string? Tool, string? Summary, decimal? Amount, string? Currency, string? Vendor, string? Category,
    Verdict Verdict, ActionStatus Status, ActionExecution Execution, IReadOnlyList<ReasonText> Reasons, string PolicyVersion, string? HandoffId,
    DateTimeOffset RequestedAt, DateTimeOffset? DecidedAt, string? DecidedBy, string? Note, bool Edited)
{
    /// <summary>Until when a person may decide, or, once it may go, until when it may be carried out.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The refused action that it may go around.</summary>
    public PossibleBypass? Bypass { get; init; }

    public string? User { get; init; }

    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>The name of the key that claimed it.</summary>
    public string? ClaimedBy { get; init; }

    /// <summary>True when it was let go and nobody carried it out before its time was over.</summary>
    public bool HasLapsed(DateTimeOffset now) => GatedAction.IsLapsed(Status, Execution, ExpiresAt, now);
}

/// <summary>What was asked and decided.</summary>
public sealed class ActionQueries(HandrailStore store, Hints hints, TimeProvider time)
{
    private const int MostListed = 500;

    /// <summary>One action; holds until it is no longer pending, or the wait is over.</summary>
    /// <exception cref="Refusal">There is none, or none for this caller.</exception>
    public async Task<GatedAction> WaitAsync(Caller caller, string sessionId, string actionId, TimeSpan wait, CancellationToken cancel)
    {
        var session = await store.ReadAsync(caller, db => db.FindKnownSessionAsync(caller, sessionId, cancel), cancel);
        return await Waiting.UntilAsync(
            hints, time, [new Hint(HintKind.Action, Hint.ActionKey(session.Id, actionId))], wait,
            () => store.ReadAsync(caller, db => ReadAsync(db, caller, session.Id, actionId, cancel), cancel),
            a => a.Status != ActionStatus.Pending,
            cancel);
    }

    /// <summary>The decisions of a session, newest first; at most 500.</summary>
    /// <param name="until">As they stood at that moment; null for now.</param>
    public Task<IReadOnlyList<DecisionRow>> OfSessionAsync(Caller caller, string sessionId, DateTimeOffset? until, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<DecisionRow>>(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var session = await db.FindKnownSessionAsync(caller, sessionId, cancel);
            var end = until ?? DateTimeOffset.MaxValue;
            var actions = await db.Actions.Where(a => a.SessionId == session.Id && a.RequestedAt <= end).OrderByDescending(a => a.RequestedAt).Take(MostListed).ToListAsync(cancel);
            actions.ForEach(a => AsOf(a, end));
            return actions.ConvertAll(a => new DecisionRow(
                a.ActionId, a.Agent, a.Type, a.Tool, a.Summary, a.Amount, a.Currency, a.Vendor, a.Category, a.Verdict, a.Status, a.Execution,
                JsonText.Read<List<ReasonText>>(a.ReasonsJson) ?? [], a.PolicyVersion, a.HandoffId, a.RequestedAt, a.DecidedAt, a.DecidedBy, a.Note, a.Edited)
            {
                ExpiresAt = a.ExpiresAt,
                Bypass = JsonText.Read<PossibleBypass>(a.BypassJson),
                User = a.User,
                ClaimedAt = a.ClaimedAt,
                ClaimedBy = a.ClaimedBy,
            });
        },
        cancel);

    /// <summary>Takes back what happened later.</summary>
    private static void AsOf(GatedAction action, DateTimeOffset until)
    {
        if (action.DecidedAt > until)
        {
            (action.Status, action.DecidedAt, action.DecidedBy, action.Note, action.Edited) = (ActionStatus.Pending, null, null, null, false);
        }

        if (action.ExecutedAt > until || (action.Execution == ActionExecution.Unknown && action.ReportBy > until))
        {
            action.Execution = action.ClaimedAt is null ? ActionExecution.None : ActionExecution.Claimed;
        }

        if (action.ClaimedAt > until || action.Status == ActionStatus.Pending)
        {
            (action.Execution, action.ClaimedAt, action.ClaimedBy) = (ActionExecution.None, null, null);
        }
    }

    private static async Task<GatedAction> ReadAsync(HandrailDb db, Caller caller, string sessionId, string actionId, CancellationToken cancel)
    {
        // Read again with every look: the session may have moved while the agent waits.
        var session = await db.FindKnownSessionAsync(caller, sessionId, cancel);
        return await db.Actions.SingleOrDefaultAsync(a => a.SessionId == session.Id && a.ActionId == actionId, cancel)
            ?? throw Refusal.NotFound($"action '{actionId}' in session '{sessionId}'");
    }
}
