using Handrail.Access;
using Handrail.Agents;
using Handrail.Handoffs;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Attention;

/// <summary>How people decide, and what they make of what agents ask.</summary>
public sealed class AttentionQueries(HandrailStore store)
{
    /// <summary>Decisions read at most, the newest of the period.</summary>
    private const int MostDecisions = 20_000;

    private const int MostShares = 500;

    private static readonly List<HandoffStatus> ByPeople = [HandoffStatus.Approved, HandoffStatus.Rejected, HandoffStatus.Answered, HandoffStatus.TakenOver];

    /// <summary>Time to decide, runs without a rejection, agreement, planted cases; by person.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<AttentionReading> ReadAsync(Caller caller, DateTimeOffset since, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var rows = await db.Handoffs.Where(h => h.DecidedAt >= since && h.DecidedBy != null && ByPeople.Contains(h.Status)).OrderByDescending(h => h.DecidedAt).Take(MostDecisions + 1)
                .Select(h => new
                {
                    h.Kind, h.Status, h.DecidedBy, h.DecidedAt, h.OpenedAt, h.ApprovalsJson, h.LookedMs, Planted = h.PlantedFrom != null,
                    Edited = db.Actions.Any(a => a.SessionId == h.SessionId && a.ActionId == h.ActionId && a.People == PeopleDecision.Edited),
                }).ToListAsync(cancel);
            var more = rows.Count > MostDecisions;
            rows.Reverse();
            return AttentionReading.Of(
                since,
                [
                    .. rows.Skip(more ? 1 : 0).Select(r => new ReviewedHandoff(
                        r.Kind, r.Status, r.DecidedBy!, r.DecidedAt!.Value, [.. (JsonText.Read<List<Approval>>(r.ApprovalsJson) ?? []).Select(a => a.By)],
                        r.Edited && r.Status == HandoffStatus.Approved, r.LookedMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null, r.DecidedAt!.Value - r.OpenedAt, r.Planted)),
                ],
                more);
        },
        cancel);

    /// <summary>Of the requests of a period on which people had a word: how many were approved as proposed, edited, rejected; by agent, type and version.</summary>
    /// <param name="agent">Only this agent's; null for all.</param>
    /// <exception cref="Refusal">The caller may not know of the agent.</exception>
    public Task<IReadOnlyList<ShareReading>> SharesAsync(Caller caller, string? agent, DateTimeOffset since, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<ShareReading>>(
        caller,
        async db =>
        {
            if (agent is null)
            {
                caller.DemandSomewhere(Permission.View);
            }
            else
            {
                await db.DemandKnownAgentAsync(caller, agent, cancel);
            }

            var rows = db.Actions.Where(a => a.People != null && a.RequestedAt >= since);
            rows = agent is null ? rows : rows.Where(a => a.Agent == agent);
            rows = caller.Kind == CallerKind.AgentKey ? rows.Where(a => a.Team == caller.Team) : rows;
            var counted = await rows.GroupBy(a => new { a.Agent, a.Type, a.AgentVersion, a.People }).Select(g => new { g.Key.Agent, g.Key.Type, g.Key.AgentVersion, g.Key.People, Count = g.Count() })
                .ToListAsync(cancel);
            return
            [
                .. counted.GroupBy(c => (c.Agent, c.Type, c.AgentVersion)).Select(g => new ShareReading(
                        g.Key.Agent, g.Key.Type, g.Key.AgentVersion,
                        g.Where(c => c.People == PeopleDecision.Approved).Sum(c => c.Count),
                        g.Where(c => c.People == PeopleDecision.Edited).Sum(c => c.Count),
                        g.Where(c => c.People == PeopleDecision.Rejected).Sum(c => c.Count)))
                    .OrderByDescending(s => s.All).ThenBy(s => s.Agent, StringComparer.Ordinal).ThenBy(s => s.Type, StringComparer.Ordinal).ThenByDescending(s => s.AgentVersion, StringComparer.Ordinal)
                    .Take(MostShares),
            ];
        },
        cancel);
}
