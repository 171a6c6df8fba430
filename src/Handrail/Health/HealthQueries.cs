using Handrail.Notify;
using Handrail.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Health;

/// <summary>Reads what the database says of the console's health. Costs the same however much is stored.</summary>
public sealed class HealthQueries(HandrailStore store, StoreSettings settings, DatabaseSizes sizes, TimeProvider time)
{
    /// <summary>How far is counted: more is as bad.</summary>
    public const int MostCounted = 1_000;

    /// <summary>What was given up longer ago is no news.</summary>
    private static readonly TimeSpan News = TimeSpan.FromDays(1);

    /// <exception cref="System.Data.Common.DbException">The database can't be reached.</exception>
    public Task<StoredFigures> ReadAsync(CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            var now = time.GetUtcNow();
            var waiting = db.Deliveries.Where(d => d.Status == DeliveryStatus.Pending);
            var tried = await waiting.Where(d => d.Attempts > 0).MinAsync(d => (DateTimeOffset?)d.CreatedAt, cancel);
            var due = await waiting.Where(d => d.Attempts == 0 && d.NextAttemptAt <= now).MinAsync(d => (DateTimeOffset?)d.NextAttemptAt, cancel);

            // A message is tried for a day before it is given up, and was made before that.
            var (made, news) = (now - (2 * News), now - News);
            var bytes = await BytesAsync(db, cancel);
            return new StoredFigures
            {
                ReadAt = now,
                UnroutedSince = await db.Notices.Where(n => n.RoutedAt == null).MinAsync(n => (DateTimeOffset?)n.At, cancel),
                UndeliveredSince = tried is null || due < tried ? due : tried,
                Undelivered = await waiting.Where(d => d.Attempts > 0 || d.NextAttemptAt <= now).OrderBy(d => d.CreatedAt).Take(MostCounted).CountAsync(cancel),
                GivenUp = await db.Deliveries.Where(d => d.Status == DeliveryStatus.Dead && d.CreatedAt >= made && d.AttemptedAt >= news).OrderBy(d => d.CreatedAt).Take(MostCounted).CountAsync(cancel),
                DatabaseBytes = bytes,
                FreeBytes = File is { } file ? new DriveInfo(Path.GetDirectoryName(file)!).AvailableFreeSpace : null,
                BytesPerDay = await sizes.GrowthAsync(db, bytes, cancel),
            };
        },
        cancel);

    /// <summary>SQLite's file; null where the database is a server's.</summary>
    private string? File => settings.Provider == DatabaseProvider.Sqlite && new SqliteConnectionStringBuilder(settings.ConnectionString).DataSource is { Length: > 0 } path and not ":memory:"
        ? Path.GetFullPath(path)
        : null;

    /// <summary>With what stands in SQLite's write-ahead log.</summary>
    private async Task<long> BytesAsync(HandrailDb db, CancellationToken cancel) =>
        settings.Provider == DatabaseProvider.Postgres ? await db.Database.SqlQueryRaw<long>("SELECT pg_database_size(current_database()) AS \"Value\"").SingleAsync(cancel)
        : File is { } file ? new[] { file, file + "-wal" }.Where(System.IO.File.Exists).Sum(f => new FileInfo(f).Length)
        : 0;
}
