using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Handrail.Access;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>All that is open at one moment, the most urgent first; shared by everybody who looks, and never changed.</summary>
/// <param name="Rows">In the order of <see cref="Urgency"/>.</param>
/// <param name="ById">The same, by their ids.</param>
/// <param name="Closed">What was open a while ago, as it was decided.</param>
/// <param name="More">More is open than is held here.</param>
public sealed record QueueReading(IReadOnlyList<InboxRow> Rows, IReadOnlyDictionary<string, InboxRow> ById, IReadOnlyDictionary<string, InboxRow> Closed, bool More)
{
    public static readonly QueueReading Empty = new([], new Dictionary<string, InboxRow>(), new Dictionary<string, InboxRow>(), false);

    /// <summary>Agents that wait for people, for the filter.</summary>
    public IReadOnlyList<string> Agents { get; } = [.. Rows.Select(r => r.Agent).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Users on whose behalf agents wait.</summary>
    public IReadOnlyList<string> Users { get; } = [.. Rows.Select(r => r.User).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Types of actions that wait.</summary>
    public IReadOnlyList<string> Types { get; } = [.. Rows.Select(r => r.Type).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>How many of them somebody waits for: a sample has gone already, and a session that a person holds is in good hands.</summary>
    public int Waiting { get; } = Rows.Count(r => r.Kind.HoldsUp());
}

/// <summary>
/// The queue in memory, once for all pages of the process: fifty people who look at five thousand handoffs hold them once, and a change is read once.
/// It follows the hints, and looks at everything now and then because hints may be lost; nothing is decided by it.
/// </summary>
public sealed class OpenQueue(HandrailStore store, Hints hints, TimeProvider time) : IDisposable
{
    /// <summary>More than anybody scrolls through; what is beyond comes up as the queue gets shorter.</summary>
    public const int MostRows = 5_000;

    /// <summary>Decided ones that are remembered, so that a page can say what became of what it shows.</summary>
    private const int MostClosed = 1_000;

    /// <summary>As much of a summary as a row shows, in characters.</summary>
    private const int SummaryLength = 160;

    /// <summary>So many changes at once are read by reading everything.</summary>
    private const int MostChanges = 300;

    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConditionalWeakTable<QueueReading, ConcurrentDictionary<IReadOnlySet<string>, Task<QueueReading>>> _views = [];
    private Hints.Listener? _listener;
    private QueueReading? _reading;
    private DateTimeOffset _readAt;

    /// <summary>The queue with every change whose hint has come, without what the caller may know nothing of.</summary>
    public async Task<QueueReading> ReadAsync(Caller caller, CancellationToken cancel)
    {
        var whole = await ReadAsync(cancel);
        var hidden = await store.HiddenFromAsync(caller, cancel);
        if (hidden.Count == 0)
        {
            return whole;
        }

        // Derived once for all from whom the same is hidden.
        var views = _views.GetValue(whole, _ => new ConcurrentDictionary<IReadOnlySet<string>, Task<QueueReading>>(ReferenceEqualityComparer.Instance));
        var view = views.GetOrAdd(hidden, _ => SeenAsync(caller, whole, CancellationToken.None));
        try
        {
            return await view.WaitAsync(cancel);
        }
        catch when (view.IsFaulted)
        {
            views.TryRemove(hidden, out _);
            throw;
        }
    }

    private async Task<QueueReading> SeenAsync(Caller caller, QueueReading whole, CancellationToken cancel)
    {
        var ids = whole.ById.Keys.Concat(whole.Closed.Keys).ToList();
        var seen = await store.ReadAsync(
            caller, db => db.Handoffs.Where(h => EF.Parameter(ids).Contains(h.Id)).Select(h => h.Id).ToHashSetAsync(StringComparer.Ordinal, cancel), cancel);
        return new QueueReading(
            [.. whole.Rows.Where(r => seen.Contains(r.Id))],
            whole.ById.Where(r => seen.Contains(r.Key)).ToDictionary(StringComparer.Ordinal),
            whole.Closed.Where(r => seen.Contains(r.Key)).ToDictionary(StringComparer.Ordinal),
            whole.More);
    }

    private async Task<QueueReading> ReadAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var now = time.GetUtcNow();

            // Listening starts before the first reading, so that nothing falls between the two.
            _listener ??= hints.ListenToAll(HintKind.Handoff);
            var changed = _listener.Heard().Select(h => h.Key).ToList();
            if (_reading is null || now - _readAt >= OwnLook || changed.Count > MostChanges)
            {
                _reading = await WholeAsync(_reading, cancel);
                _readAt = now;
            }
            else if (changed.Count > 0)
            {
                _reading = await ChangedAsync(_reading, changed, cancel);
            }

            return _reading;
        }
        catch
        {
            // What was heard is not read yet: the next one reads everything.
            _readAt = DateTimeOffset.MinValue;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _turn.Dispose();
    }

    /// <summary>Rows of these ids, open or not; for what is beyond what is remembered.</summary>
    internal Task<List<InboxRow>> RowsAsync(Caller caller, IReadOnlyCollection<string> ids, CancellationToken cancel) =>
        store.ReadAsync(caller, db => RowsAsync(db.Handoffs.Where(h => EF.Parameter(ids).Contains(h.Id)), cancel), cancel);

    private async Task<QueueReading> WholeAsync(QueueReading? before, CancellationToken cancel)
    {
        var rows = await store.ReadAsync(
            db => RowsAsync(
                db.Handoffs.Where(h => h.Status == HandoffStatus.Open).OrderBy(h => h.ExpiresAt == null).ThenBy(h => h.ExpiresAt).ThenBy(h => h.OpenedAt).ThenBy(h => h.Id).Take(MostRows + 1),
                cancel),
            cancel);
        var more = rows.Count > MostRows;
        rows = rows.GetRange(0, Math.Min(rows.Count, MostRows));

        // A row that is as it was stays the same object: pages compare, and hold it once.
        rows = rows.ConvertAll(r => before?.ById.GetValueOrDefault(r.Id) is { } known && known == r ? known : r);
        rows.Sort(Urgency.First);
        var byId = rows.ToDictionary(r => r.Id, StringComparer.Ordinal);
        var closed = before is null ? [] : new Dictionary<string, InboxRow>(before.Closed, StringComparer.Ordinal);
        var gone = before is null ? [] : before.ById.Keys.Where(id => !byId.ContainsKey(id)).Take(MostClosed).ToList();
        if (gone.Count > 0)
        {
            Remember(closed, await RowsAsync(Caller.System, gone, cancel));
        }

        return new QueueReading(rows, byId, closed, more);
    }

    private async Task<QueueReading> ChangedAsync(QueueReading before, List<string> ids, CancellationToken cancel)
    {
        var now = await RowsAsync(Caller.System, ids, cancel);
        var changed = ids.ToHashSet(StringComparer.Ordinal);
        var rows = before.Rows.Where(r => !changed.Contains(r.Id)).ToList();
        var byId = new Dictionary<string, InboxRow>(before.ById, StringComparer.Ordinal);
        var closed = new Dictionary<string, InboxRow>(before.Closed, StringComparer.Ordinal);
        foreach (var id in ids)
        {
            byId.Remove(id);
        }

        foreach (var row in now.Where(r => r.Open))
        {
            var place = rows.BinarySearch(row, Urgency.First);
            rows.Insert(place < 0 ? ~place : place, row);
            byId[row.Id] = row;
        }

        Remember(closed, now.Where(r => !r.Open));
        var over = rows.Count > MostRows;
        foreach (var row in over ? rows.GetRange(MostRows, rows.Count - MostRows) : [])
        {
            byId.Remove(row.Id);
        }

        return new QueueReading(over ? rows.GetRange(0, MostRows) : rows, byId, closed, before.More || over);
    }

    private static void Remember(Dictionary<string, InboxRow> closed, IEnumerable<InboxRow> rows)
    {
        foreach (var row in rows)
        {
            closed[row.Id] = row;
        }

        foreach (var old in closed.Values.OrderByDescending(r => r.DecidedAt).Skip(MostClosed).Select(r => r.Id).ToList())
        {
            closed.Remove(old);
        }
    }

    private static async Task<List<InboxRow>> RowsAsync(IQueryable<Handoff> handoffs, CancellationToken cancel)
    {
        var rows = await handoffs.Select(h => new
        {
            Row = new InboxRow
            {
                Id = h.Id,
                Version = h.Version,
                Kind = h.Kind,
                Status = h.Status,
                Agent = h.Agent,
                User = h.User,
                Type = h.Type,
                Amount = h.Amount,
                Currency = h.Currency,
                Vendor = h.Vendor,
                Category = h.Category,
                Risk = h.Risk,
                Summary = h.Summary == null ? null : h.Summary.Substring(0, SummaryLength),
                OpenedAt = h.OpenedAt,
                ExpiresAt = h.ExpiresAt,
                OnTimeout = h.OnTimeout,
                ClaimedBy = h.ClaimedBy,
                ClaimedUntil = h.ClaimedUntil,
                AssignedTo = h.AssignedTo,
                ApprovalsNeeded = h.ApprovalsNeeded,
                ForbidSelfApproval = h.ForbidSelfApproval,
                Role = h.Role,
                Bypass = h.BypassJson != null,
                SessionId = h.SessionId,
                DecidedBy = h.DecidedBy,
                DecidedAt = h.DecidedAt,
            },
            h.ApprovalsJson,
        }).ToListAsync(cancel);
        return rows.ConvertAll(r => r.ApprovalsJson == "[]" ? r.Row : r.Row with { ApprovedBy = Names(r.ApprovalsJson) });
    }

    /// <summary>People who have approved, each name ended by a line break: rows compare by their text.</summary>
    private static string Names(string approvals) => string.Concat((JsonText.Read<List<Approval>>(approvals) ?? []).Select(a => $"{a.By}\n"));
}
