using System.Globalization;
using System.Text.Json;
using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>A record as it is shown.</summary>
public sealed record AuditRow(
    long Seq, DateTimeOffset At, string Actor, string ActorKind, string Act, string Target, string? Reason, JsonElement? Before, JsonElement? After,
    string? Address, string? CorrelationId, string Hash)
{
    /// <summary>Whose decision or session the record is about; null where it is about neither. Not part of the record, which names its target alone.</summary>
    public AuditSubject? Subject { get; init; }
}

/// <summary>The three identities of what a record is about.</summary>
/// <param name="User">On whose behalf the agent works; null where nobody was named.</param>
public sealed record AuditSubject(string? User, string Agent, string SessionId);

/// <summary>A page of records, newest first, and where the next one starts.</summary>
public sealed record AuditListing(IReadOnlyList<AuditRow> Items, string? NextCursor);

/// <summary>The record, for those who may read it.</summary>
public sealed class AuditQueries(HandrailStore store)
{
    public const int MostPerPage = 200;

    public Task<AuditListing> ListAsync(Caller caller, AuditFilter filter, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.ReadAudit);
            var before = cursor is null ? long.MaxValue
                : long.TryParse(cursor, CultureInfo.InvariantCulture, out var seq) ? seq
                : throw Refusal.Invalid("cursor", "is none that a page gave out.");
            var rows = filter.Narrow(db, db.AuditRecords.Where(r => r.Seq < before)).OrderByDescending(r => r.Seq);
            var page = await rows.Take(limit + 1).ToListAsync(cancel);
            var shown = page.GetRange(0, Math.Min(limit, page.Count));
            var subjects = await SubjectsAsync(db, shown, cancel);
            return new AuditListing(
                shown.ConvertAll(r => Row(r) with { Subject = subjects.GetValueOrDefault(r.Target) }),
                page.Count > limit ? page[limit - 1].Seq.ToString(CultureInfo.InvariantCulture) : null);
        },
        cancel);

    /// <summary>By target.</summary>
    private static async Task<Dictionary<string, AuditSubject>> SubjectsAsync(HandrailDb db, List<AuditRecord> records, CancellationToken cancel)
    {
        var subjects = new Dictionary<string, AuditSubject>(StringComparer.Ordinal);
        var (handoffs, sessions, actions) = (Named(records, "handoff:"), Named(records, "session:"), Named(records, "action:"));
        foreach (var h in await db.Handoffs.Where(h => handoffs.Contains(h.Id)).Select(h => new { h.Id, h.User, h.Agent, h.SessionId }).ToListAsync(cancel))
        {
            subjects[$"handoff:{h.Id}"] = new AuditSubject(h.User, h.Agent, h.SessionId);
        }

        foreach (var s in await db.Sessions.Where(s => sessions.Contains(s.Id)).Select(s => new { s.Id, s.User, s.Agent }).ToListAsync(cancel))
        {
            subjects[$"session:{s.Id}"] = new AuditSubject(s.User, s.Agent, s.Id);
        }

        if (actions.Count > 0)
        {
            // A session's name may have any character in it, and so may an action's.
            var within = actions.SelectMany(a => a.Select((c, i) => (c, i)).Where(x => x.c == '/').Select(x => a[..x.i])).Distinct(StringComparer.Ordinal).ToList();
            var names = actions.SelectMany(a => a.Select((c, i) => (c, i)).Where(x => x.c == '/').Select(x => a[(x.i + 1)..])).Distinct(StringComparer.Ordinal).ToList();
            foreach (var a in await db.Actions.Where(a => within.Contains(a.SessionId) && names.Contains(a.ActionId)).Select(a => new { a.SessionId, a.ActionId, a.User, a.Agent }).ToListAsync(cancel))
            {
                subjects[$"action:{a.SessionId}/{a.ActionId}"] = new AuditSubject(a.User, a.Agent, a.SessionId);
            }
        }

        return subjects;
    }

    private static List<string> Named(List<AuditRecord> records, string kind) =>
        [.. records.Where(r => r.Target.StartsWith(kind, StringComparison.Ordinal)).Select(r => r.Target[kind.Length..]).Distinct(StringComparer.Ordinal)];

    private static AuditRow Row(AuditRecord r) => new(
        r.Seq, r.At, r.Actor, r.ActorKind, r.Act, r.Target, r.Reason, JsonText.Element(r.BeforeJson), JsonText.Element(r.AfterJson), r.Address, r.CorrelationId, r.Hash);
}
