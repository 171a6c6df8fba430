using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>Goes along the chain in its order, from a record that is known to fit.</summary>
/// <param name="db">Reads without tracking.</param>
/// <param name="seq">The record that it goes on from; 0 for the beginning.</param>
/// <param name="hash">That record's hash.</param>
internal sealed class ChainWalk(HandrailDb db, long seq, string hash) : IDisposable
{
    private const int AtOnce = 5_000;

    private readonly AuditHasher _hasher = new();
    private readonly List<(long Seq, string Target)> _seals = [];

    /// <summary>The last record that fits.</summary>
    public long Seq { get; private set; } = seq;

    /// <summary>Its hash.</summary>
    public string Hash { get; private set; } = hash;

    /// <summary>The records met that tell of a day's head, and the day's name.</summary>
    public IReadOnlyList<(long Seq, string Target)> Seals => _seals;

    /// <summary>Goes up to a record, or to the chain's end where that comes first.</summary>
    /// <param name="upTo">The last record to look at.</param>
    /// <param name="portion">Told after some thousand records; null for nobody.</param>
    /// <returns>The first record that does not fit, and what is wrong with it; nulls for none.</returns>
    public async Task<(long? BadSeq, string? What)> ToAsync(long upTo, Action? portion, CancellationToken cancel)
    {
        int read;
        do
        {
            read = 0;
            var after = Seq;
            await foreach (var record in db.AuditRecords.Where(r => r.Seq > after && r.Seq <= upTo).OrderBy(r => r.Seq).Take(AtOnce).AsAsyncEnumerable().WithCancellation(cancel))
            {
                read++;
                if (record.Seq != Seq + 1)
                {
                    return (Seq + 1, $"Record {Seq + 1} is missing.");
                }

                if (record.PreviousHash != Hash || !_hasher.Fits(record))
                {
                    return (record.Seq, $"Record {record.Seq} is not what was written.");
                }

                if (record.Act == AuditChain.SealAct)
                {
                    _seals.Add((record.Seq, record.Target));
                }

                (Seq, Hash) = (record.Seq, record.Hash);
            }

            portion?.Invoke();
        }
        while (read == AtOnce);
        return (null, null);
    }

    public void Dispose() => _hasher.Dispose();
}
