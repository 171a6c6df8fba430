using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Health;

/// <summary>One of the database's settings that decide whether a commit survives a crash.</summary>
/// <param name="Value">As it is in force for the console's own connections.</param>
/// <param name="Holds">False where a crash could take what was acknowledged.</param>
/// <param name="Means">What it decides.</param>
public sealed record DurabilitySetting(string Name, string Value, bool Holds, string Means);

/// <summary>Whether the database keeps what the console acknowledges: asked of the database, not of what it should have been set to.</summary>
public sealed class DurabilityQueries(HandrailStore store)
{
    private static readonly (string Name, string[] Good, string Means)[] Postgres =
    [
        ("fsync", ["on"], "commits reach the disk"),
        ("synchronous_commit", ["on", "local", "remote_write", "remote_apply"], "an answer waits for its commit to be on the disk"),
        ("full_page_writes", ["on"], "a page that was half written as the power failed is mended"),
    ];

    private static readonly (string Name, string[] Good, string Means)[] Sqlite =
    [
        ("synchronous", ["2", "3"], "an answer waits for its commit to be on the disk; 2 is FULL"),
        ("journal_mode", ["wal", "delete", "truncate", "persist"], "a transaction that a crash cut off is undone"),
    ];

    /// <exception cref="Refusal">No right to look.</exception>
    public Task<IReadOnlyList<DurabilitySetting>> ReadAsync(Caller caller, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        var isPostgres = store.Provider == DatabaseProvider.Postgres;
        return store.ReadAsync<IReadOnlyList<DurabilitySetting>>(
            async db =>
            {
                await db.Database.OpenConnectionAsync(cancel);
                await using var command = db.Database.GetDbConnection().CreateCommand();
                var found = new List<DurabilitySetting>();
                foreach (var (name, good, means) in isPostgres ? Postgres : Sqlite)
                {
                    // A name of the two lists above: nothing that anybody typed.
                    command.CommandText = isPostgres ? $"SHOW {name}" : $"PRAGMA {name}";
                    var value = Convert.ToString(await command.ExecuteScalarAsync(cancel), System.Globalization.CultureInfo.InvariantCulture) ?? "";
                    found.Add(new DurabilitySetting(name, value, good.Contains(value, StringComparer.OrdinalIgnoreCase), means));
                }

                return found;
            },
            cancel);
    }
}
