using System.Text.Json;
using Handrail.Access;
using Handrail.Agents;
using Handrail.Handoffs;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.ReadBack;

/// <summary>What a person made of what the agent wanted.</summary>
public enum FeedbackDecision
{
    Approved,
    Edited,
    Rejected,
    Answered,
    TakenOver,
}

/// <summary>A value that a person changed before letting it go; null where there was none.</summary>
/// <param name="Path">A JSON pointer (RFC 6901) into the arguments, or <c>amount</c>.</param>
public sealed record FeedbackChange(string Path, JsonElement? Proposed, JsonElement? Approved);

/// <summary>What one person wrote on one thing the agent asked.</summary>
public sealed record Feedback(
    string HandoffId, string SessionId, string? ActionId, HandoffKind Kind, string? Type, string? Summary, decimal? Amount, string? Currency,
    FeedbackDecision Decision, IReadOnlyList<FeedbackChange> Changes, string? ReasonCode, string? Note, JsonElement? Answer, string By, DateTimeOffset At);

/// <summary>A page of feedback, oldest first, and where the next one starts.</summary>
public sealed record FeedbackPage(IReadOnlyList<Feedback> Items, string? NextCursor);

/// <summary>What reviewers wrote on an agent's decisions, for its memory.</summary>
public sealed class FeedbackQueries(HandrailStore store)
{
    public const int MostPerPage = 200;

    private static readonly List<HandoffStatus> ByPeople =
        [HandoffStatus.Approved, HandoffStatus.Rejected, HandoffStatus.Answered, HandoffStatus.TakenOver, HandoffStatus.Resolved];

    /// <summary>Oldest first. What expired or was cancelled is no feedback: nobody judged it.</summary>
    /// <param name="since">Only what was decided at this time or later.</param>
    /// <exception cref="Refusal">The caller may not know of the agent, or a cursor that is none of ours.</exception>
    public Task<FeedbackPage> ListAsync(Caller caller, string agent, DateTimeOffset? since, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            await db.DemandKnownAgentAsync(caller, agent, cancel);
            var rows = db.Handoffs.Where(h => h.Agent == agent && h.DecidedAt != null && h.DecidedBy != null && h.PlantedFrom == null && ByPeople.Contains(h.Status));
            if (caller.Kind == CallerKind.AgentKey)
            {
                rows = rows.Where(h => h.Team == caller.Team);
            }

            if (since is { } first)
            {
                rows = rows.Where(h => h.DecidedAt >= first);
            }

            if (cursor is not null)
            {
                var (at, id) = Cursor.Read(cursor);
                rows = rows.Where(h => h.DecidedAt > at || (h.DecidedAt == at && h.Id.CompareTo(id) > 0));
            }

            var page = await rows.OrderBy(h => h.DecidedAt).ThenBy(h => h.Id).Take(limit + 1).ToListAsync(cancel);
            var shown = page.Take(limit).ToList();
            var proposals = await ProposalsAsync(db, shown, cancel);
            return new FeedbackPage(
                [.. shown.Select(h => Of(h, proposals.GetValueOrDefault(h.Id)))],
                page.Count > limit ? Cursor.Of(shown[^1].DecidedAt!.Value, shown[^1].Id) : null);
        },
        cancel);

    /// <summary>
    /// What the agent had proposed, of approvals: the edited values take its place in the handoff, and the record of the first approval has
    /// it as it was.
    /// </summary>
    private static async Task<Dictionary<string, Proposal>> ProposalsAsync(HandrailDb db, List<Handoff> handoffs, CancellationToken cancel)
    {
        var targets = handoffs.Where(h => h.Status == HandoffStatus.Approved).Select(h => $"handoff:{h.Id}").ToList();
        var records = await db.AuditRecords.Where(r => EF.Parameter(targets).Contains(r.Target) && r.Act == "handoff.approve").OrderBy(r => r.Seq)
            .Select(r => new { r.Target, r.BeforeJson }).ToListAsync(cancel);
        var proposals = new Dictionary<string, Proposal>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            if (JsonText.Read<Proposal>(record.BeforeJson) is { } proposal)
            {
                proposals.TryAdd(record.Target["handoff:".Length..], proposal);
            }
        }

        return proposals;
    }

    private static Feedback Of(Handoff handoff, Proposal? proposal)
    {
        var changes = proposal is null ? [] : Changes(handoff, proposal);
        var decision = handoff.Status switch
        {
            HandoffStatus.Approved => changes.Count > 0 ? FeedbackDecision.Edited : FeedbackDecision.Approved,
            HandoffStatus.Rejected => FeedbackDecision.Rejected,
            HandoffStatus.TakenOver => FeedbackDecision.TakenOver,
            HandoffStatus.Resolved when handoff.Kind == HandoffKind.TakeOver => FeedbackDecision.TakenOver,
            _ => FeedbackDecision.Answered,
        };
        return new Feedback(
            handoff.Id, handoff.SessionId, handoff.ActionId, handoff.Kind, handoff.Type, handoff.Summary, handoff.Amount, handoff.Currency,
            decision, changes, handoff.ReasonCode, handoff.Note, JsonText.Element(handoff.AnswerJson), handoff.DecidedBy!, handoff.DecidedAt!.Value);
    }

    private static List<FeedbackChange> Changes(Handoff handoff, Proposal proposal)
    {
        var changes = new List<FeedbackChange>();
        if (proposal.Amount != handoff.Amount)
        {
            changes.Add(new FeedbackChange("amount", Number(proposal.Amount), Number(handoff.Amount)));
        }

        Compare("", proposal.Arguments, JsonText.Element(handoff.ArgumentsJson), changes);
        return changes;
    }

    /// <summary>Goes into objects; everything else is one value.</summary>
    private static void Compare(string path, JsonElement? proposed, JsonElement? approved, List<FeedbackChange> changes)
    {
        if (proposed is { ValueKind: JsonValueKind.Object } before && approved is { ValueKind: JsonValueKind.Object } after)
        {
            foreach (var name in before.EnumerateObject().Concat(after.EnumerateObject()).Select(m => m.Name).Distinct(StringComparer.Ordinal))
            {
                Compare($"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", Member(before, name), Member(after, name), changes);
            }

            return;
        }

        var same = proposed is { } one && approved is { } other ? JsonElement.DeepEquals(one, other) : proposed is null == approved is null;
        if (!same)
        {
            changes.Add(new FeedbackChange(path, proposed, approved));
        }
    }

    private static JsonElement? Member(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value : null;

    private static JsonElement? Number(decimal? value) => value is { } number ? JsonSerializer.SerializeToElement(number) : null;

    private sealed record Proposal(decimal? Amount, JsonElement? Arguments);
}
