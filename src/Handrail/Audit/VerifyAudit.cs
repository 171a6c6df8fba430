using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>Whether the chain holds, and where it breaks first.</summary>
/// <param name="Records">How many hold, from the first on.</param>
/// <param name="FirstBadSeq">The first record that does not fit; null when none does, or only a day's head is wrong.</param>
/// <param name="What">What is wrong, in a sentence.</param>
/// <param name="Day">The day whose head shows it; null where no head does.</param>
/// <param name="Days">Days whose head fits.</param>
/// <param name="SealedThrough">The last record that a head which fits vouches for: those after it can still be cut off unnoticed.</param>
public sealed record AuditVerification(bool Intact, long Records, long? FirstBadSeq, string? What, DateOnly? Day, int Days, long SealedThrough);

/// <summary>How far a verification has come.</summary>
public sealed record AuditProgress(long Verified, long Records);

/// <summary>
/// Walks the whole chain: what was changed, taken out, put in or put elsewhere is found, and the first record that does not fit is named. The heads of
/// days show what the chain alone can't: that its end was cut off, or that it was written anew with hashes that fit.
/// </summary>
public sealed class VerifyAudit(HandrailStore store, AuditDays days)
{
    /// <param name="kept">Heads that somebody kept elsewhere, to be compared with as well.</param>
    /// <param name="progress">Told after each portion, on a thread of the pool; null for nobody.</param>
    /// <exception cref="Refusal">No right.</exception>
    public Task<AuditVerification> HandleAsync(Caller caller, IReadOnlyList<string> kept, IProgress<AuditProgress>? progress, CancellationToken cancel)
    {
        caller.Demand(Permission.ReadAudit);

        // SQLite reads, and hashes are worked out, on the thread that asks.
        return Task.Run(() => store.ReadAsync(db => VerifyAsync(db, kept, progress, cancel), cancel), cancel);
    }

    private async Task<AuditVerification> VerifyAsync(HandrailDb db, IReadOnlyList<string> kept, IProgress<AuditProgress>? progress, CancellationToken cancel)
    {
        var heads = await days.CheckAsync(db, kept, cancel);
        var records = await db.AuditRecords.MaxAsync(r => (long?)r.Seq, cancel) ?? 0;
        using var walk = new ChainWalk(db, 0, AuditChain.Genesis);
        var (fitting, through) = (new HashSet<DateOnly>(), 0L);
        void Come() => progress?.Report(new AuditProgress(walk.Seq, Math.Max(records, walk.Seq)));
        AuditVerification Broken(long? seq, string what, DateOnly? day) => new(false, walk.Seq, seq, what, day, fitting.Count, through);

        foreach (var stop in heads.Where(h => h.Head is not null).OrderBy(h => h.Head!.LastSeq))
        {
            var head = stop.Head!;
            if (await walk.ToAsync(head.LastSeq, Come, cancel) is (_, { } what) bad)
            {
                return Broken(bad.BadSeq, what, head.Day);
            }

            var day = AuditChain.DayText(head.Day);
            if (walk.Seq < head.LastSeq)
            {
                return Broken(walk.Seq + 1, $"Record {walk.Seq + 1} is missing: {day} was sealed with records up to {head.LastSeq}.", head.Day);
            }

            if (walk.Hash != head.LastHash)
            {
                return Broken(head.LastSeq, $"Record {head.LastSeq} is not the one that {day} was sealed with: records from {head.FirstSeq} on were written anew.", head.Day);
            }

            if (stop.Wrong is null)
            {
                fitting.Add(head.Day);
                through = head.LastSeq;
            }
        }

        if (await walk.ToAsync(long.MaxValue, Come, cancel) is (_, { } wrong) first)
        {
            return Broken(first.BadSeq, wrong, null);
        }

        if (heads.Find(h => h.Wrong is not null) is { } untrue)
        {
            return Broken(null, untrue.Wrong!, untrue.Day);
        }

        var told = heads.Where(h => h.Day is not null).Select(h => AuditChain.DayTarget(h.Day!.Value)).ToHashSet(StringComparer.Ordinal);
        if (walk.Seals.FirstOrDefault(s => !told.Contains(s.Target)) is { Target: { } gone } seal)
        {
            return Broken(null, $"The head of {gone.AsSpan(gone.IndexOf(':', StringComparison.Ordinal) + 1)}, of which record {seal.Seq} tells, is gone.", null);
        }

        var stray = await db.AuditRecords.Where(r => r.Seq < 1).MinAsync(r => (long?)r.Seq, cancel);
        return stray is null
            ? new AuditVerification(true, walk.Seq, null, null, null, fitting.Count, through)
            : Broken(stray, $"Record {stray} has no place in the chain.", null);
    }
}
