using Handrail.Access;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Breakers;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>The queue and its cards, shaped for the Inbox.</summary>
public sealed class InboxQueries(HandrailStore store, OpenQueue open, SnoozeHandoff snoozes, TimeProvider time)
{
    /// <summary>All that is open and wanted, the most urgent first (<see cref="Urgency"/>).</summary>
    /// <param name="shown">What the page shows at the moment, of which it wants to know what became.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public async Task<InboxReading> ReadAsync(Caller caller, InboxFilter filter, IReadOnlyCollection<string> shown, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        var aside = await snoozes.ListAsync(caller, cancel);
        var queue = await open.ReadAsync(caller, cancel);
        var now = time.GetUtcNow();
        var rows = filter.Everything && aside.Count == 0 ? queue.Rows : [.. queue.Rows.Where(r => filter.Takes(r, caller.Name, aside, now))];
        var gone = shown.Where(id => !queue.ById.ContainsKey(id)).ToList();
        var left = gone.Select(id => queue.Closed.GetValueOrDefault(id)).OfType<InboxRow>().ToList();
        if (left.Count < gone.Count)
        {
            left.AddRange(await open.RowsAsync(caller, [.. gone.Except(left.Select(r => r.Id))], cancel));
        }

        return new InboxReading(queue, rows, left, aside);
    }

    /// <exception cref="Refusal">There is none, or none for this caller.</exception>
    public Task<InboxCard> OneAsync(Caller caller, string id, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var handoff = await db.FindKnownHandoffAsync(caller, id, cancel);
            var session = await db.Sessions.Where(s => s.Id == handoff.SessionId)
                .Select(s => new { s.Title, At = new ActivityRow(s.Id, s.Team, s.ParentSessionId, s.State, s.LastActivityAt, s.HeartbeatAt, s.Pending) }).SingleAsync(cancel);
            var action = handoff.ActionId is null
                ? null
                : await db.Actions.Where(a => a.SessionId == handoff.SessionId && a.ActionId == handoff.ActionId)
                    .Select(a => new { a.PolicyVersion, a.Tool, a.Execution, a.Status, a.ExpiresAt }).SingleOrDefaultAsync(cancel);
            var codes = await db.Agents.Where(a => a.Name == handoff.Agent).Select(a => a.RejectCodesJson).SingleOrDefaultAsync(cancel);
            var now = time.GetUtcNow();
            var activity = (await ActivityReading.OfAsync(db, [session.At], now, cancel))[session.At.Id];
            return new InboxCard(HandoffAnswer.ForPeople(handoff, now))
            {
                OnTimeout = handoff.OnTimeout,
                EscalateTo = handoff.EscalateTo,
                ForbidSelfApproval = handoff.ForbidSelfApproval,
                SessionTitle = session.Title,
                SessionState = session.At.State,
                SessionActivity = activity,
                PolicyVersion = action?.PolicyVersion,
                Tool = action?.Tool,
                Execution = action?.Execution,
                ActionStatus = action?.Status,
                Trip = handoff.Kind == HandoffKind.Breaker ? (await TripReading.ReadAsync(db, t => t.HandoffId == id, 1, cancel)).SingleOrDefault() : null,
                Lapsed = action is not null && GatedAction.IsLapsed(action.Status, action.Execution, action.ExpiresAt, now),
                Similar = await SimilarQueries.OfAsync(db, handoff, cancel),
                RejectCodes = JsonText.Read<List<RejectCode>>(codes) ?? [],
                PlantedFrom = handoff.Status == HandoffStatus.Open ? null : handoff.PlantedFrom,
            };
        },
        cancel);
}
