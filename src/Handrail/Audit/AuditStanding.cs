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
    private readonly KeptList<OwedRecord> _kept;
    private readonly ILogger<AuditStanding> _log;
    private volatile IReadOnlyList<OwedRecord> _owed;
    private volatile bool _impossible;

    public AuditStanding(OwedSettings settings, ILogger<AuditStanding> log)
    {
        (_log, _kept) = (log, new KeptList<OwedRecord>(settings.File, "Audit records", r => r is { CallerId: not null, Actor: not null, Act: not null, Target: not null }, log));
        _owed = _kept.Load() ?? [];
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
            _kept.Save(_owed);
        }
    }

    internal void Settle(IReadOnlyCollection<OwedRecord> records)
    {
        lock (_lock)
        {
            var ids = records.Select(r => r.Id).ToHashSet();
            _owed = [.. _owed.Where(r => !ids.Contains(r.Id))];
            _kept.Save(_owed);
        }
    }
}
