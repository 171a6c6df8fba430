using Handrail.Access;
using Handrail.Actions;
using Handrail.Breakers;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>The queue and its cards, shaped for the Inbox.</summary>
public sealed class InboxQueries(HandrailStore store, TimeProvider time)
{
    /// <summary>More than anybody scrolls through; what is beyond comes up as the queue gets shorter.</summary>
    public const int MostRows = 5_000;

    /// <summary>As much of a summary as a row shows, in characters.</summary>
    private const int SummaryLength = 160;

    /// <summary>All that is open, the most urgent first (<see cref="Urgency"/>).</summary>
    /// <param name="shown">What the page shows at the moment, of which it wants to know what became.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<InboxReading> ReadAsync(Caller caller, HandoffFilter filter, IReadOnlyCollection<string> shown, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.View);
            var now = time.GetUtcNow();
            var open = HandoffQueries.Narrow(db.Handoffs, caller, filter with { Status = HandoffStatus.Open });
            var rows = await RowsAsync(
                open.OrderBy(h => h.ExpiresAt == null).ThenBy(h => h.ExpiresAt).ThenBy(h => h.OpenedAt).ThenBy(h => h.Id).Take(MostRows + 1), now, cancel);
            var more = rows.Count > MostRows;
            rows = rows.GetRange(0, Math.Min(rows.Count, MostRows));
            rows.Sort(Urgency.First);

            var gone = shown.Except(rows.Select(r => r.Id)).ToList();
            var left = gone.Count == 0 ? [] : await RowsAsync(db.Handoffs.Where(h => gone.Contains(h.Id)), now, cancel);
            var agents = await db.Handoffs.Where(h => h.Status == HandoffStatus.Open).Select(h => h.Agent).Distinct().OrderBy(a => a).ToListAsync(cancel);
            return new InboxReading(rows, left, more, agents);
        },
        cancel);

    /// <exception cref="Refusal">There is none, or none for this caller.</exception>
    public Task<InboxCard> OneAsync(Caller caller, string id, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.View);
            var handoff = await db.FindKnownHandoffAsync(caller, id, cancel);
            var session = await db.Sessions.Where(s => s.Id == handoff.SessionId).Select(s => new { s.Title, s.State }).SingleAsync(cancel);
            var action = handoff.ActionId is null
                ? null
                : await db.Actions.Where(a => a.SessionId == handoff.SessionId && a.ActionId == handoff.ActionId)
                    .Select(a => new { a.PolicyVersion, a.Tool, a.Execution, a.Status, a.ExpiresAt }).SingleOrDefaultAsync(cancel);
            var now = time.GetUtcNow();
            return new InboxCard(HandoffAnswer.Of(handoff, now))
            {
                OnTimeout = handoff.OnTimeout,
                EscalateTo = handoff.EscalateTo,
                ForbidSelfApproval = handoff.ForbidSelfApproval,
                SessionTitle = session.Title,
                SessionState = session.State,
                PolicyVersion = action?.PolicyVersion,
                Tool = action?.Tool,
                Execution = action?.Execution,
                ActionStatus = action?.Status,
                Trip = handoff.Kind == HandoffKind.Breaker ? (await TripReading.ReadAsync(db, t => t.HandoffId == id, 1, cancel)).SingleOrDefault() : null,
                Lapsed = action is not null && GatedAction.IsLapsed(action.Status, action.Execution, action.ExpiresAt, now),
            };
        },
        cancel);

    private static async Task<List<InboxRow>> RowsAsync(IQueryable<Handoff> handoffs, DateTimeOffset now, CancellationToken cancel)
    {
        var rows = await handoffs.Select(h => new
        {
            Row = new InboxRow
            {
                Id = h.Id,
                Kind = h.Kind,
                Status = h.Status,
                Agent = h.Agent,
                Type = h.Type,
                Amount = h.Amount,
                Currency = h.Currency,
                Vendor = h.Vendor,
                Summary = h.Summary == null ? null : h.Summary.Substring(0, SummaryLength),
                OpenedAt = h.OpenedAt,
                ExpiresAt = h.ExpiresAt,
                ClaimedBy = h.Status == HandoffStatus.Open && h.ClaimedUntil > now ? h.ClaimedBy : null,
                ApprovalsNeeded = h.ApprovalsNeeded,
                Role = h.Role,
                DecidedBy = h.DecidedBy,
            },
            h.ApprovalsJson,
        }).ToListAsync(cancel);
        return rows.ConvertAll(r => r.Row with { Approvals = JsonText.Read<List<Approval>>(r.ApprovalsJson)?.Count ?? 0 });
    }
}
