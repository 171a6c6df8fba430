using System.Globalization;
using System.Text.Json;
using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>A record as it is shown.</summary>
public sealed record AuditRow(
    long Seq, DateTimeOffset At, string Actor, string ActorKind, string Act, string Target, string? Reason, JsonElement? Before, JsonElement? After,
    string? Address, string? CorrelationId, string Hash);

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
            var rows = filter.Narrow(db.AuditRecords.Where(r => r.Seq < before)).OrderByDescending(r => r.Seq);
            var page = await rows.Take(limit + 1).ToListAsync(cancel);
            return new AuditListing(
                [.. page.Take(limit).Select(Row)],
                page.Count > limit ? page[limit - 1].Seq.ToString(CultureInfo.InvariantCulture) : null);
        },
        cancel);

    private static AuditRow Row(AuditRecord r) => new(
        r.Seq, r.At, r.Actor, r.ActorKind, r.Act, r.Target, r.Reason, JsonText.Element(r.BeforeJson), JsonText.Element(r.AfterJson), r.Address, r.CorrelationId, r.Hash);
}
