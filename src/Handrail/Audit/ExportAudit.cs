using System.Runtime.CompilerServices;
using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>Hands records out, the oldest first and never the whole list at once. Who took what out of the house is itself on record before the first of them goes.</summary>
public sealed class ExportAudit(HandrailStore store)
{
    private const int AtOnce = 1_000;

    /// <param name="format">What the file is, for the record.</param>
    /// <returns>The records that there were when the export was put on record.</returns>
    /// <exception cref="Refusal">No right.</exception>
    public async Task<IAsyncEnumerable<AuditRecord>> HandleAsync(Caller caller, AuditFilter filter, string format, CancellationToken cancel)
    {
        caller.Demand(Permission.ReadAudit);
        var last = await store.WriteAsync(
            async unit =>
            {
                unit.Record(new AuditEntry(caller, "audit.export", "audit") { After = new { format, filter.Actor, filter.Act, filter.Target, filter.Since, filter.Until } });
                return await unit.Db.AuditRecords.MaxAsync(r => (long?)r.Seq, cancel) ?? 0;
            },
            cancel);
        return ReadAsync(filter, last, cancel);
    }

    /// <summary>In portions, each a reading of its own: whoever takes the file slowly holds nothing up in the database.</summary>
    private async IAsyncEnumerable<AuditRecord> ReadAsync(AuditFilter filter, long last, [EnumeratorCancellation] CancellationToken cancel)
    {
        var after = long.MinValue;
        List<AuditRecord> portion;
        do
        {
            var from = after;
            portion = await store.ReadAsync(
                db => filter.Narrow(db, db.AuditRecords.Where(r => r.Seq > from && r.Seq <= last)).OrderBy(r => r.Seq).Take(AtOnce).ToListAsync(cancel), cancel);
            foreach (var record in portion)
            {
                yield return record;
                after = record.Seq;
            }
        }
        while (portion.Count == AtOnce);
    }
}
