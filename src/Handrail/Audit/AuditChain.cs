using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>Appends records to the chain, in the transaction of the deed they tell of.</summary>
public static class AuditChain
{
    /// <summary>An advisory lock of PostgreSQL: one writer at a time extends the chain.</summary>
    private const long ChainLock = 0x48_41_4E_44_41_55_44;

    internal static readonly string Genesis = new('0', 64);

    internal static async Task AppendAsync(HandrailDb db, IReadOnlyList<AuditEntry> entries, DateTimeOffset at, CancellationToken cancel)
    {
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({ChainLock})", cancel);
        }

        var last = await db.AuditRecords.AsNoTracking().OrderByDescending(r => r.Seq).Select(r => new { r.Seq, r.Hash }).FirstOrDefaultAsync(cancel);
        var (seq, previous) = (last?.Seq ?? 0, last?.Hash ?? Genesis);
        foreach (var entry in entries)
        {
            var record = new AuditRecord
            {
                Seq = ++seq,
                At = TimeColumns.Truncate(at),
                Actor = entry.By.Name,
                ActorKind = entry.By.Kind.Text(),
                Act = entry.Act,
                Target = entry.Target,
                Reason = entry.Reason,
                BeforeJson = entry.Before is null ? null : JsonSerializer.Serialize(entry.Before, JsonText.Options),
                AfterJson = entry.After is null ? null : JsonSerializer.Serialize(entry.After, JsonText.Options),
                Address = entry.By.Address,
                CorrelationId = entry.By.CorrelationId,
                PreviousHash = previous,
                Hash = "",
            };
            record.Hash = previous = HashOf(record);
            db.AuditRecords.Add(record);
        }
    }

    /// <summary>The hash that a record must carry.</summary>
    public static string HashOf(AuditRecord record)
    {
        var content = JsonSerializer.Serialize(new object?[]
        {
            record.Seq, TimeColumns.ToMicros(record.At), record.Actor, record.ActorKind, record.Act, record.Target, record.Reason,
            record.BeforeJson, record.AfterJson, record.Address, record.CorrelationId, record.PreviousHash,
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
    }
}
