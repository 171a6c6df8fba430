using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>One decision that people took on the like.</summary>
public sealed record SimilarDecision(
    string HandoffId, string Agent, decimal? Amount, string? Currency, string? Vendor, string? Category, PeopleDecision Decision, string By, DateTimeOffset At, string? Note, string? ReasonCode);

/// <summary>How people decided on the like, of the newest that were looked at.</summary>
/// <param name="Nearest">The most alike first.</param>
public sealed record SimilarDecisions(int Approved, int Edited, int Rejected, IReadOnlyList<SimilarDecision> Nearest)
{
    public int All => Approved + Edited + Rejected;
}

/// <summary>What people decided before on the same type from the same vendor or of the same category, with an amount that is near.</summary>
public sealed class SimilarQueries(HandrailStore store)
{
    /// <summary>Newest decisions looked at for each likeness: no more of the past is read however much there is.</summary>
    private const int LookedAt = 200;

    private const int MostShown = 5;

    /// <summary>An amount is near from a third of it to three times as much.</summary>
    private const decimal Near = 3;

    private static readonly List<HandoffStatus> ByPeople = [HandoffStatus.Approved, HandoffStatus.Rejected];

    /// <returns>Null for what is no action.</returns>
    /// <exception cref="Refusal">No right to look, or no such handoff.</exception>
    public Task<SimilarDecisions?> ReadAsync(Access.Caller caller, string id, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.Demand(Access.Permission.View);
            return await OfAsync(db, await db.FindKnownHandoffAsync(caller, id, cancel), cancel);
        },
        cancel);

    internal static async Task<SimilarDecisions?> OfAsync(HandrailDb db, Handoff handoff, CancellationToken cancel)
    {
        if (handoff.Type is not { } type || handoff.Kind is not (HandoffKind.Approval or HandoffKind.Sample))
        {
            return null;
        }

        var decided = db.Handoffs.Where(h => h.Type == type && h.DecidedAt != null && h.Id != handoff.Id && h.PlantedFrom == null && ByPeople.Contains(h.Status));
        var found = new Dictionary<string, SimilarDecision>(StringComparer.Ordinal);
        if (handoff.Vendor is { } vendor)
        {
            await FindAsync(db, decided.Where(h => h.Vendor == vendor), found, cancel);
        }

        if (handoff.Category is { } category)
        {
            await FindAsync(db, decided.Where(h => h.Category == category), found, cancel);
        }

        if (handoff.Vendor is null && handoff.Category is null)
        {
            await FindAsync(db, decided.Where(h => h.Vendor == null && h.Category == null), found, cancel);
        }

        var alike = found.Values.Where(p => IsNear(p, handoff)).OrderByDescending(p => p.Vendor == handoff.Vendor).ThenBy(p => Distance(p, handoff)).ThenByDescending(p => p.At).ToList();
        return new SimilarDecisions(
            alike.Count(p => p.Decision == PeopleDecision.Approved), alike.Count(p => p.Decision == PeopleDecision.Edited), alike.Count(p => p.Decision == PeopleDecision.Rejected),
            [.. alike.Take(MostShown)]);
    }

    private static async Task FindAsync(HandrailDb db, IQueryable<Handoff> decided, Dictionary<string, SimilarDecision> found, CancellationToken cancel)
    {
        var rows = await decided.OrderByDescending(h => h.DecidedAt).Take(LookedAt).Select(h => new
        {
            h.Id, h.Agent, h.Amount, h.Currency, h.Vendor, h.Category, h.Status, h.DecidedBy, h.DecidedAt, h.Note, h.ReasonCode,
            People = db.Actions.Where(a => a.SessionId == h.SessionId && a.ActionId == h.ActionId).Select(a => a.People).FirstOrDefault(),
        }).ToListAsync(cancel);
        foreach (var row in rows)
        {
            // Of an action that was edited the handoff has the values that were approved.
            var decision = row.Status == HandoffStatus.Rejected ? PeopleDecision.Rejected : row.People == PeopleDecision.Edited ? PeopleDecision.Edited : PeopleDecision.Approved;
            found[row.Id] = new SimilarDecision(
                row.Id, row.Agent, row.Amount, row.Currency, row.Vendor, row.Category, decision, row.DecidedBy ?? "", row.DecidedAt!.Value, row.Note, row.ReasonCode);
        }
    }

    private static bool IsNear(SimilarDecision past, Handoff now) => (past.Amount, now.Amount) switch
    {
        (null, null) => true,
        ({ } one, { } other) => past.Currency == now.Currency && (one == other || (one > 0 && other > 0 && one <= other * Near && other <= one * Near)),
        _ => false,
    };

    private static double Distance(SimilarDecision past, Handoff now) =>
        past.Amount is { } one and > 0 && now.Amount is { } other and > 0 ? Math.Abs(Math.Log((double)(one / other))) : 0;
}
