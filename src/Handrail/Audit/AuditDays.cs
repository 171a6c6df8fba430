using System.Globalization;
using System.Security.Cryptography;
using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>A day's head as it is handed out: what it says, and as it was signed.</summary>
public sealed record AuditDayReading(DateOnly Day, long FirstSeq, long LastSeq, long Records, string LastHash, DateTimeOffset SealedAt, string? KeyId, string Head);

/// <summary>Heads, the newest first, where the next page starts, and the keys that heads were ever signed with.</summary>
public sealed record AuditDayListing(IReadOnlyList<AuditDayReading> Items, string? NextCursor, IReadOnlyList<PublicAuditKey> Keys);

/// <summary>A head with what was found of it.</summary>
/// <param name="Head">Null when its signature is not ours.</param>
/// <param name="Wrong">What is wrong with the head itself; null for nothing.</param>
internal sealed record CheckedHead(DateOnly? Day, AuditHead? Head, string? Wrong);

/// <summary>The heads of days, to be kept elsewhere and compared with.</summary>
public sealed class AuditDays(HandrailStore store, AuditKeys keys)
{
    public const int MostPerPage = 400;

    /// <exception cref="Refusal">No right, or the cursor is no day.</exception>
    public Task<AuditDayListing> ListAsync(Caller caller, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.ReadAudit);
            var before = cursor is null ? DateOnly.MaxValue
                : DateOnly.TryParseExact(cursor, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
                : throw Refusal.Invalid("cursor", "is none that a page gave out.");
            var rows = await db.AuditDays.Where(d => d.Day < before).OrderByDescending(d => d.Day).Take(limit + 1).ToListAsync(cancel);
            var items = rows.Take(limit).Select(Reading).ToList();
            return new AuditDayListing(items, rows.Count > limit ? AuditChain.DayText(items[^1].Day) : null, await AuditKeys.ListAsync(db, cancel));
        },
        cancel);

    /// <summary>Heads as they stand here, the oldest first, each with what is wrong with it; and heads that somebody kept elsewhere.</summary>
    internal async Task<List<CheckedHead>> CheckAsync(HandrailDb db, IReadOnlyList<string> kept, CancellationToken cancel)
    {
        var ours = await keys.OursAsync(db, cancel);
        try
        {
            var found = new List<CheckedHead>();
            AuditDay? before = null;
            foreach (var row in await db.AuditDays.OrderBy(d => d.Day).ToListAsync(cancel))
            {
                found.Add(Check(row, before, ours));
                before = row;
            }

            found.AddRange(kept.Select(head => Read(head, ours) is { } read
                ? new CheckedHead(read.Day, read, null)
                : new CheckedHead(null, null, "A head that was kept elsewhere is not signed by a key of this console.")));
            return found;
        }
        finally
        {
            foreach (var key in ours.Values)
            {
                key.Dispose();
            }
        }
    }

    private static CheckedHead Check(AuditDay row, AuditDay? before, Dictionary<string, ECDsa> ours)
    {
        var day = AuditChain.DayText(row.Day);
        if (Read(row.Head, ours) is not { } head)
        {
            return new CheckedHead(row.Day, null, $"The head of {day} is not signed by a key of this console.");
        }

        var fits = head.Day == row.Day && head.LastSeq == row.LastSeq && head.Records == head.LastSeq - head.FirstSeq + 1;
        if (!fits)
        {
            return new CheckedHead(row.Day, head, $"The head that stands for {day} is not the one that was signed for it.");
        }

        var follows = head.Previous == (before is null ? AuditChain.Genesis : AuditHead.DigestOf(before.Head)) && head.FirstSeq == (before?.LastSeq ?? 0) + 1;
        return new CheckedHead(row.Day, head, follows ? null : $"The head before that of {day} is gone, or is another one than it was.");
    }

    private static AuditHead? Read(string head, Dictionary<string, ECDsa> ours) =>
        AuditHead.KeyOf(head) is { } id && ours.TryGetValue(id, out var key) ? AuditHead.Read(head, key) : null;

    private static AuditDayReading Reading(AuditDay row)
    {
        var said = AuditHead.Claimed(row.Head);
        return new AuditDayReading(row.Day, said?.FirstSeq ?? 0, row.LastSeq, said?.Records ?? 0, said?.LastHash ?? "", row.SealedAt, AuditHead.KeyOf(row.Head), row.Head);
    }
}
