using System.Data.Common;
using System.Text.Json;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Handrail.Recovery;

/// <summary>Where this console remembers its database, and whether a person says that it was restored.</summary>
/// <param name="File">Null to remember nothing beyond this process.</param>
public sealed record LifeSettings(string? File, bool SaidRestored);

/// <summary>
/// Notices that the database is an older one come back, and pauses the fleet until a person says otherwise: stops, decisions and revoked keys that came after
/// the backup are not in it, and what was let go then may have been carried out since.
/// </summary>
public sealed class RecogniseRestore(HandrailStore store, LifeSettings settings, TimeProvider time, ILogger<RecogniseRestore> log)
{
    public const string Setting = "database-life";

    private DatabaseLife? _remembered;

    /// <summary>
    /// Before anything is written: on SQLite the clock goes on from where it was when the life last moved on, ten seconds at most before the last process ended, however the machine's date was
    /// set since. Else a restart would give all that has an end more time than it was given. PostgreSQL's clock goes on by itself.
    /// </summary>
    public async Task ContinueTimeAsync(CancellationToken cancel)
    {
        // Who says that the database was restored goes by the machine's date again: the fleet is paused, and what was let go is void.
        if (store.Provider != DatabaseProvider.Sqlite || settings.SaidRestored || time is not SteadyTime clock)
        {
            return;
        }

        var last = await store.ReadAsync(db => db.Settings.Where(s => s.Key == Setting).Select(s => (DateTimeOffset?)s.ChangedAt).SingleOrDefaultAsync(cancel), cancel);
        if (last is { } moment && clock.GoOnFrom(moment) is var behind && behind > TimeSpan.Zero)
        {
            log.LogWarning(
                "The machine's date is {Behind} behind the time that this console had come to when it ended. It goes on from {Moment}, so that nothing outlives its time, until the date has caught up. "
                + "If that time was wrong, start once with Data:Restored=true: it goes by the machine's date then, with the fleet paused and void what was let go", behind, moment);
        }
    }

    /// <summary>At the start, before anybody is answered.</summary>
    public Task StartAsync(CancellationToken cancel)
    {
        _remembered = Load();
        return LookAsync(settings.SaidRestored ? "whoever started the console says so" : null, fileMovesAlone: store.Provider == DatabaseProvider.Sqlite, cancel);
    }

    /// <summary>Moves the life on, and notices a database that was put back while the console runs.</summary>
    public Task BeatAsync(CancellationToken cancel) => LookAsync(null, fileMovesAlone: false, cancel);

    private async Task LookAsync(string? said, bool fileMovesAlone, CancellationToken cancel)
    {
        var livesIn = await LivesInAsync(cancel);
        var remembered = _remembered;
        var (life, why) = await store.WriteTelemetryAsync(
            async unit =>
            {
                var row = await unit.Db.LockSettingAsync(Setting, cancel);
                var found = row is null ? null : JsonText.Read<DatabaseLife>(row.Json);
                var restored = said ?? DatabaseLife.Restored(found, remembered, livesIn, fileMovesAlone);
                var next = restored is not null || found is null ? DatabaseLife.Begin(livesIn, found, remembered) : found with { Beat = found.Beat + 1, LivesIn = livesIn ?? found.LivesIn };
                unit.Set(row, Setting, JsonSerializer.Serialize(next, JsonText.Options), Caller.System.Name);
                if (restored is not null)
                {
                    await HoldAsync(unit, restored, found, next, cancel);
                }

                return (next, restored);
            },
            cancel);
        if (why is not null)
        {
            log.LogCritical("This console works on a database that was restored from a backup: {Why}. The fleet is paused until a person resumes it", why);
        }

        // Only now: what is remembered was committed.
        _remembered = life;
        Save(life);
    }

    /// <summary>Pauses the fleet, and voids what was let go and may have been carried out since; what waits for a person goes on waiting.</summary>
    private static async Task HoldAsync(UnitOfWork unit, string why, DatabaseLife? found, DatabaseLife next, CancellationToken cancel)
    {
        unit.Record(new AuditEntry(Caller.System, "console.restored", Scopes.Fleet)
        {
            Reason = why,
            Tightens = true,
            Before = found is null ? null : new { found.Epoch, found.Beat },
            After = new { next.Epoch },
        });
        await ControlScope.OrderAsync(
            unit, Caller.System, null, ControlKind.Pause,
            "Restored from a backup: stops, decisions, policies and revoked keys that came after it are not in it. Look through them, then resume.", cancel);
        await Voiding.CancelAsync(
            unit, a => a.Status == ActionStatus.Approved || a.Status == ActionStatus.Allowed, h => false, Caller.System.Name,
            "Let go before the backup that the console was restored from: it may have been carried out since", cancel);
    }

    /// <summary>Null where it is not to be known.</summary>
    private async Task<string?> LivesInAsync(CancellationToken cancel)
    {
        if (store.Provider == DatabaseProvider.Sqlite)
        {
            return null;
        }

        try
        {
            return await store.ReadAsync(
                db => db.Database.SqlQueryRaw<string>(
                    "SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())::text AS \"Value\"").SingleAsync(cancel),
                cancel);
        }
        catch (DbException e) when (StorageFault.IsRefusal(e))
        {
            log.LogWarning(e, "The server does not tell which it is: a restored database is told by what this console remembers alone");
            return null;
        }
    }

    private DatabaseLife? Load()
    {
        try
        {
            return settings.File is not null && File.Exists(settings.File) ? JsonText.Read<DatabaseLife>(File.ReadAllText(settings.File)) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            log.LogError(e, "What this console remembers of its database stood in {File}, which can't be read", settings.File);
            return null;
        }
    }

    private void Save(DatabaseLife life)
    {
        if (settings.File is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(settings.File)!);
            var beside = settings.File + ".new";
            File.WriteAllText(beside, JsonSerializer.Serialize(life, JsonText.Options));
            File.Move(beside, settings.File, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk may be full: what stands there is older, and still true.
            log.LogWarning(e, "What this console remembers of its database could not be kept in {File}", settings.File);
        }
    }
}
