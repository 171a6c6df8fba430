using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>
/// Signs what the chain had come to at the end of each day, also of days on which the console did not run to see it. A chain that does not hold
/// is not signed. However many processes try, a day gets one head.
/// </summary>
public sealed class SealDays(HandrailStore store, AuditKeys keys, TimeProvider time)
{
    /// <summary>A deed that began before midnight may be committed a little after it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>Seals all days that are over.</summary>
    /// <returns>How many got their head, and what is wrong with the chain; null for nothing.</returns>
    public async Task<(int Sealed, string? Wrong)> HandleAsync(CancellationToken cancel)
    {
        var (done, wrong) = await SealAsync(cancel);
        store.Audit.Wrong = wrong;
        return (done, wrong);
    }

    private async Task<(int Sealed, string? Wrong)> SealAsync(CancellationToken cancel)
    {
        for (var done = 0; ;)
        {
            var today = DateOnly.FromDateTime((time.GetUtcNow() - Grace).UtcDateTime);
            if (await store.ReadAsync(db => NextAsync(db, today, cancel), cancel) is not { } due)
            {
                return (done, null);
            }

            var (fits, wrong) = await Task.Run(() => store.ReadAsync(db => WalkAsync(db, due, cancel), cancel), cancel);
            if (fits is not { } lastHash)
            {
                return (done, wrong);
            }

            var head = new AuditHead(due.Day, due.FirstSeq, due.LastSeq, due.LastSeq - due.FirstSeq + 1, lastHash, due.Previous is null ? AuditChain.Genesis : AuditHead.DigestOf(due.Previous.Head));
            var (keyId, key) = await keys.SigningAsync(cancel);
            using (key)
            {
                done += await WriteAsync(due, head, head.Sign(keyId, key), cancel) ? 1 : 0;
            }
        }
    }

    /// <summary>The first day that is over and has no head.</summary>
    private static async Task<Due?> NextAsync(HandrailDb db, DateOnly today, CancellationToken cancel)
    {
        var previous = await db.AuditDays.OrderByDescending(d => d.Day).FirstOrDefaultAsync(cancel);
        var last = previous?.LastSeq ?? 0;
        var first = await db.AuditRecords.Where(r => r.Seq > last).OrderBy(r => r.Seq).Select(r => (DateTimeOffset?)r.At).FirstOrDefaultAsync(cancel);
        if (first is null)
        {
            return null;
        }

        // What came too late for its own day belongs to the next one.
        var day = DateOnly.FromDateTime(first.Value.UtcDateTime);
        day = previous is not null && day <= previous.Day ? previous.Day.AddDays(1) : day;
        if (day >= today)
        {
            return null;
        }

        var end = new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        var upTo = await db.AuditRecords.Where(r => r.Seq > last && r.At < end).MaxAsync(r => (long?)r.Seq, cancel);
        return new Due(day, last + 1, upTo ?? last, previous);
    }

    /// <returns>The last record's hash; or null, and what does not fit.</returns>
    private static async Task<(string? LastHash, string? Wrong)> WalkAsync(HandrailDb db, Due due, CancellationToken cancel)
    {
        var seq = due.FirstSeq - 1;
        var hash = seq == 0 ? AuditChain.Genesis : await db.AuditRecords.Where(r => r.Seq == seq).Select(r => r.Hash).SingleOrDefaultAsync(cancel);
        using var walk = new ChainWalk(db, seq, hash ?? "");
        var wrong = hash is null ? $"Record {seq} is missing." : (await walk.ToAsync(due.LastSeq, null, cancel)).What;
        return wrong is null && walk.Seq == due.LastSeq ? (walk.Hash, null) : (null, wrong ?? $"Record {walk.Seq + 1} is missing.");
    }

    /// <returns>False when another process was first.</returns>
    private Task<bool> WriteAsync(Due due, AuditHead head, string signed, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            // Where two are at it, the second one's row is refused, and it looks again.
            if (await unit.Db.AuditDays.AnyAsync(d => d.Day >= due.Day, cancel))
            {
                return false;
            }

            unit.Db.AuditDays.Add(new AuditDay { Day = due.Day, LastSeq = due.LastSeq, Head = signed, SealedAt = unit.Now });
            unit.Record(new AuditEntry(Caller.System, AuditChain.SealAct, AuditChain.DayTarget(due.Day)) { After = new { head.FirstSeq, head.LastSeq, head.LastHash } });
            return true;
        },
        cancel);

    private sealed record Due(DateOnly Day, long FirstSeq, long LastSeq, AuditDay? Previous);
}
