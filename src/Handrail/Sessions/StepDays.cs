using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// On PostgreSQL steps and what they said are kept in one table for each day on which they came in, so that old days are dropped whole.
/// On SQLite they are in one table each, and there are no days.
/// </summary>
public sealed class StepDays(HandrailStore store)
{
    /// <summary>An advisory lock of PostgreSQL: one process at a time makes or drops days.</summary>
    private const long DaysLock = 0x48_41_4E_44_44_41_59;

    internal const string Steps = "steps";
    internal const string Contents = "step_contents";

    private static readonly string[] Tables = [Steps, Contents];

    private long _madeUntil = DateOnly.MinValue.DayNumber;

    /// <summary>Makes the days that rows of this moment go to, and the next one, where they are not there yet.</summary>
    public async Task EnsureAsync(DateTimeOffset at, CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(at.UtcDateTime);
        if (store.Provider != DatabaseProvider.Postgres || Interlocked.Read(ref _madeUntil) > today.DayNumber)
        {
            return;
        }

        await store.WriteAsync(
            async unit =>
            {
                await LockAsync(unit.Db, cancel);
                foreach (var table in Tables)
                {
                    // Yesterday too: another process's clock may be behind ours by a little.
                    for (var day = today.AddDays(-1); day <= today.AddDays(1); day = day.AddDays(1))
                    {
                        await RunAsync(unit.Db, $"CREATE TABLE IF NOT EXISTS {Name(table, day)} PARTITION OF {table} FOR VALUES FROM ('{day:yyyy-MM-dd} 00:00:00+00') TO ('{day.AddDays(1):yyyy-MM-dd} 00:00:00+00')", cancel);
                    }
                }
            },
            cancel);
        Interlocked.Exchange(ref _madeUntil, today.AddDays(1).DayNumber);
    }

    /// <summary>Drops the days of a table that ended by then.</summary>
    /// <returns>Days dropped.</returns>
    internal Task<int> DropAsync(string table, DateTimeOffset before, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            await LockAsync(unit.Db, cancel);
            var last = Name(table, DateOnly.FromDateTime(before.UtcDateTime));
            var days = await unit.Db.Database.SqlQuery<string>(
                $"""
                SELECT c.relname AS "Value" FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = {table}::regclass AND c.relname < {last} ORDER BY c.relname
                """).ToListAsync(cancel);
            foreach (var day in days)
            {
                await RunAsync(unit.Db, $"DROP TABLE {day}", cancel);
            }

            return days.Count;
        },
        cancel);

    private static string Name(string table, DateOnly day) => $"{table}_{day:yyyyMMdd}";

    private static Task LockAsync(HandrailDb db, CancellationToken cancel) => db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({DaysLock})", cancel);

#pragma warning disable EF1002 // Names of our own tables and days: nothing in it comes from outside.
    private static Task<int> RunAsync(HandrailDb db, string sql, CancellationToken cancel) => db.Database.ExecuteSqlRawAsync(sql, cancel);
#pragma warning restore EF1002
}
