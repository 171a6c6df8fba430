using System.Globalization;
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

    /// <summary>The act by which a day gets its head: the chain itself tells of every head there is.</summary>
    internal const string SealAct = "audit.seal";

    internal static string DayText(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static string DayTarget(DateOnly day) => $"audit_day:{DayText(day)}";

    internal static async Task AppendAsync(HandrailDb db, IReadOnlyList<AuditEntry> entries, DateTimeOffset at, CancellationToken cancel)
    {
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({ChainLock})", cancel);
        }

        var last = await db.AuditRecords.AsNoTracking().OrderByDescending(r => r.Seq).Select(r => new { r.Seq, r.Hash }).FirstOrDefaultAsync(cancel);
        var (seq, previous) = (last?.Seq ?? 0, last?.Hash ?? Genesis);
        using var hasher = new AuditHasher();
        foreach (var entry in entries)
        {
            var record = new AuditRecord
            {
                Seq = ++seq,
                At = TimeColumns.Truncate(entry.At ?? at),
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
            record.Hash = previous = hasher.Of(record);
            db.AuditRecords.Add(record);
        }
    }
}
