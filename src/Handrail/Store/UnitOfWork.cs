using Handrail.Audit;
using Handrail.Live;

namespace Handrail.Store;

/// <summary>One transaction: the database, what is to be recorded with it, and what is to be told once it is committed.</summary>
public sealed class UnitOfWork(HandrailDb db, TimeProvider time)
{
    private readonly List<AuditEntry> _records = [];
    private readonly HashSet<Hint> _hints = [];

    public HandrailDb Db { get; } = db;

    /// <summary>The time of the deed, the same for everything it writes.</summary>
    public DateTimeOffset Now { get; } = TimeColumns.Truncate(time.GetUtcNow());

    /// <summary>Where a window that ends with the deed begins, whatever was done to the clock meanwhile.</summary>
    public DateTimeOffset Before(TimeSpan window) => time.Before(Now, window);

    internal IReadOnlyList<AuditEntry> Records => _records;

    internal IReadOnlyCollection<Hint> Hints => _hints;

    /// <summary>Recorded in the same transaction: when it can't be written, the deed doesn't happen.</summary>
    public void Record(AuditEntry entry) => _records.Add(entry);

    /// <summary>Told after the commit.</summary>
    public void Tell(HintKind kind, string key) => _hints.Add(new Hint(kind, key));
}
