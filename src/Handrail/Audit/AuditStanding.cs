using System.Text.Json;
using Handrail.Access;
using Handrail.Store;
using Microsoft.Extensions.Logging;

namespace Handrail.Audit;

/// <summary>A record of what has been done already, that is still to be written.</summary>
public sealed record OwedRecord(
    Guid Id, DateTimeOffset At, CallerKind Kind, string CallerId, string Actor, string Act, string Target, string? Reason, JsonElement? Before, JsonElement? After,
    string? Address, string? CorrelationId)
{
    internal static OwedRecord Of(AuditEntry entry, DateTimeOffset at) => new(
        Guid.CreateVersion7(), at, entry.By.Kind, entry.By.Id, entry.By.Name, entry.Act, entry.Target, entry.Reason, Json(entry.Before), Json(entry.After), entry.By.Address, entry.By.CorrelationId);

    internal AuditEntry Entry() => new(new Caller { Kind = Kind, Id = CallerId, Name = Actor, Address = Address, CorrelationId = CorrelationId }, Act, Target)
    {
        Reason = Reason, Before = Before, After = After, At = At, Tightens = true,
    };

    private static JsonElement? Json(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, JsonText.Options);
}

/// <summary>Where owed records are kept over a restart of this process; null keeps them in memory alone.</summary>
public sealed record OwedSettings(string? File);

/// <summary>
/// Whether the audit trail can be written. While it can't, nothing that loosens happens: what would be recorded with it is not done, and the gate lets nothing
/// go. What tightens is done all the same; its record is owed, kept in a file beside the console, and written as soon as it can be.
/// </summary>
public sealed class AuditStanding
{
    private readonly Lock _lock = new();
    private readonly OwedSettings _settings;
    private readonly ILogger<AuditStanding> _log;
    private volatile IReadOnlyList<OwedRecord> _owed;
    private volatile bool _impossible;

    public AuditStanding(OwedSettings settings, ILogger<AuditStanding> log)
    {
        (_settings, _log) = (settings, log);
        _owed = Load();
    }

    /// <summary>False from the first record that could not be written until one can be again.</summary>
    public bool IsPossible => !_impossible;

    /// <summary>In the order of their deeds.</summary>
    public IReadOnlyList<OwedRecord> Owed => _owed;

    /// <summary>What did not fit when the last day that is over was to be sealed; null for nothing.</summary>
    public string? Wrong { get; internal set; }

    /// <exception cref="Refusal">The audit trail can't be written.</exception>
    internal void Demand()
    {
        if (_impossible)
        {
            throw Unwritable();
        }
    }

    internal static Refusal Unwritable() => new(RefusalKind.Busy, "The audit trail can't be written: until it can, nothing is allowed, approved, resumed or changed. Try again then.") { RetryAfter = TimeSpan.FromSeconds(5) };

    internal void Failed(Exception failure)
    {
        if (!_impossible)
        {
            _impossible = true;
            _log.LogCritical(failure, "The audit trail can't be written: from here on nothing is allowed, approved, resumed or published; what stops and denies still works");
        }
    }

    internal void Worked()
    {
        if (_impossible)
        {
            _impossible = false;
            _log.LogWarning("The audit trail can be written again");
        }
    }

    /// <summary>Before the deed is committed: a record that could be lost is worse than one of a deed whose commit nobody saw.</summary>
    internal void Owe(IReadOnlyList<OwedRecord> records)
    {
        lock (_lock)
        {
            _owed = [.. _owed, .. records];
            Save();
        }
    }

    internal void Settle(IReadOnlyCollection<OwedRecord> records)
    {
        lock (_lock)
        {
            var ids = records.Select(r => r.Id).ToHashSet();
            _owed = [.. _owed.Where(r => !ids.Contains(r.Id))];
            Save();
        }
    }

    private List<OwedRecord> Load()
    {
        try
        {
            return _settings.File is { } file && File.Exists(file) ? JsonText.Read<List<OwedRecord>>(File.ReadAllText(file)) ?? [] : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            _log.LogCritical(e, "Audit records that could not be written stood in {File}, which can't be read: look into it", _settings.File);
            return [];
        }
    }

    /// <summary>Whole or not at all: beside it first, then in its place.</summary>
    private void Save()
    {
        if (_settings.File is not { } path)
        {
            return;
        }

        try
        {
            var beside = path + ".new";
            if (_owed.Count == 0)
            {
                File.Delete(path);
                File.Delete(beside);
                return;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(file, _owed, JsonText.Options);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A stop is not given up for it.
            _log.LogError(e, "Owed audit records could not be kept in {File}; they are written as long as this console lives", path);
        }
    }
}
