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

/// <summary>What a list of records is narrowed by; null members narrow nothing.</summary>
public sealed record AuditFilter(string? Actor, string? Act, string? Target, DateTimeOffset? Since, DateTimeOffset? Until);

/// <summary>Whether the chain holds, and where it breaks first.</summary>
public sealed record AuditVerification(bool Intact, long Records, long? FirstBadSeq, string? What);

/// <summary>The record, and the proof that nobody touched it.</summary>
public sealed class AuditQueries(HandrailStore store)
{
    public const int MostPerPage = 200;
    private const int VerifiedAtOnce = 5_000;

    /// <param name="filter"><c>Act</c> ending in <c>.*</c> takes all acts of that kind.</param>
    public Task<AuditListing> ListAsync(Caller caller, AuditFilter filter, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.ReadAudit);
            var before = cursor is null ? long.MaxValue
                : long.TryParse(cursor, System.Globalization.CultureInfo.InvariantCulture, out var seq) ? seq
                : throw Refusal.Invalid("cursor", "is none that a page gave out.");
            var rows = Narrow(db.AuditRecords.Where(r => r.Seq < before), filter).OrderByDescending(r => r.Seq);
            var page = await rows.Take(limit + 1).ToListAsync(cancel);
            return new AuditListing(
                [.. page.Take(limit).Select(Row)],
                page.Count > limit ? page[limit - 1].Seq.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
        },
        cancel);

    /// <summary>Walks the whole chain.</summary>
    public Task<AuditVerification> VerifyAsync(Caller caller, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.ReadAudit);
            var (seq, hash) = (0L, AuditChain.Genesis);
            while (true)
            {
                var after = seq;
                var batch = await db.AuditRecords.Where(r => r.Seq > after).OrderBy(r => r.Seq).Take(VerifiedAtOnce).ToListAsync(cancel);
                foreach (var record in batch)
                {
                    if (record.Seq != seq + 1)
                    {
                        return new AuditVerification(false, seq, seq + 1, $"Record {seq + 1} is missing.");
                    }

                    if (record.PreviousHash != hash || AuditChain.HashOf(record) != record.Hash)
                    {
                        return new AuditVerification(false, seq, record.Seq, $"Record {record.Seq} is not what was written.");
                    }

                    (seq, hash) = (record.Seq, record.Hash);
                }

                if (batch.Count < VerifiedAtOnce)
                {
                    var stray = await db.AuditRecords.Where(r => r.Seq < 1).MinAsync(r => (long?)r.Seq, cancel);
                    return stray is null
                        ? new AuditVerification(true, seq, null, null)
                        : new AuditVerification(false, seq, stray, $"Record {stray} has no place in the chain.");
                }
            }
        },
        cancel);

    private static IQueryable<AuditRecord> Narrow(IQueryable<AuditRecord> rows, AuditFilter filter)
    {
        if (filter.Actor is { } actor)
        {
            rows = rows.Where(r => r.Actor == actor);
        }

        if (filter.Act is { } act)
        {
            var kind = act.EndsWith(".*", StringComparison.Ordinal) ? act[..^1] : null;
            rows = kind is null ? rows.Where(r => r.Act == act) : rows.Where(r => r.Act.StartsWith(kind));
        }

        if (filter.Target is { } target)
        {
            rows = rows.Where(r => r.Target == target);
        }

        if (filter.Since is { } since)
        {
            rows = rows.Where(r => r.At >= since);
        }

        return filter.Until is { } until ? rows.Where(r => r.At < until) : rows;
    }

    private static AuditRow Row(AuditRecord r) => new(
        r.Seq, r.At, r.Actor, r.ActorKind, r.Act, r.Target, r.Reason, JsonText.Element(r.BeforeJson), JsonText.Element(r.AfterJson), r.Address, r.CorrelationId, r.Hash);
}
