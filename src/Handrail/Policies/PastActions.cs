using Handrail.Access;
using Handrail.Actions;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>An action of the past in a list to pick from.</summary>
public sealed record PastActionRow(
    string SessionId, string ActionId, string Agent, string Type, decimal? Amount, string? Currency, string? Vendor, DateTimeOffset RequestedAt, Verdict Verdict);

/// <summary>An action of the past with all that was known when it was decided on.</summary>
/// <param name="Request">What the agent asked.</param>
/// <param name="Facts">Its session as it stood.</param>
/// <param name="Verdict">What was decided then.</param>
public sealed record PastAction(string SessionId, ActionRequest Request, RecordedFacts Facts, Verdict Verdict);

/// <summary>Actions that were asked for, for a person to try a policy on.</summary>
public sealed class PastActions(HandrailStore store)
{
    /// <summary>How many of the newest an id is looked for among.</summary>
    private const int MostSearched = 10_000;

    /// <summary>The newest, of one agent where one is named.</summary>
    /// <param name="id">Of that session, or of that id among the newest 10,000; null for all.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<IReadOnlyList<PastActionRow>> ListAsync(Caller caller, string? agent, string? id, int limit, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<PastActionRow>>(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var all = db.Actions.AsNoTracking();
            if (agent is not null)
            {
                all = all.Where(a => a.Agent == agent);
            }

            if (id is null)
            {
                return await Rows(all.OrderByDescending(a => a.RequestedAt).Take(limit)).ToListAsync(cancel);
            }

            var ofSession = await Rows(all.Where(a => a.SessionId == id).OrderByDescending(a => a.RequestedAt).Take(limit)).ToListAsync(cancel);
            return ofSession.Count > 0
                ? ofSession
                : await Rows(all.OrderByDescending(a => a.RequestedAt).Take(MostSearched).Where(a => a.ActionId == id).Take(limit)).ToListAsync(cancel);
        },
        cancel);

    /// <exception cref="Refusal">No right to look, or there is none.</exception>
    public Task<PastAction> OneAsync(Caller caller, string sessionId, string actionId, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var action = await db.Actions.AsNoTracking().SingleOrDefaultAsync(a => a.SessionId == sessionId && a.ActionId == actionId, cancel)
                ?? throw Refusal.NotFound($"action '{actionId}' in session '{sessionId}'");

            // As the agent asked, not as a person edited it.
            var request = ActionGate.RequestOf(action);
            if (JsonText.Read<AskedFor>(action.AskedJson) is { } asked)
            {
                request = request with { Amount = asked.Amount, Arguments = asked.Arguments ?? default };
            }

            return new PastAction(sessionId, request, JsonText.Read<RecordedFacts>(action.FactsJson)!, action.Verdict);
        },
        cancel);

    private static IQueryable<PastActionRow> Rows(IQueryable<GatedAction> actions) =>
        actions.Select(a => new PastActionRow(a.SessionId, a.ActionId, a.Agent, a.Type, a.Amount, a.Currency, a.Vendor, a.RequestedAt, a.Verdict));
}
