using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>A place of the list and the session that stands there.</summary>
/// <param name="Line">Null where the session was cleared away or taken over by another: its place stays until the list is settled anew.</param>
/// <param name="Left">It is no longer in the view.</param>
public sealed record SettledLine(int Place, string Id, SessionLine? Line, bool Left);

/// <summary>
/// The lines of the Sessions page, which never move under a person's hand: while somebody points at them or reads further down,
/// figures change in place and new sessions are only counted.
/// </summary>
/// <remarks>
/// Held are the ids of the whole view in the order in which they were settled, and the lines that are looked at; a line is read by its id, whatever
/// its place. So the live reading costs the same at any length. The order itself is read again now and then, the more seldom the longer
/// that takes.
/// </remarks>
public sealed class SettledLines(SessionQueries sessions, TimeProvider time)
{
    /// <summary>The most lines that can be scrolled to: a browser shows no higher page than some 600,000 of them.</summary>
    public const int Most = 250_000;

    /// <summary>Read and shown before the whole order is known.</summary>
    private const int FirstLook = 100;

    /// <summary>A shorter order is read at every look.</summary>
    private const int Short = 1_000;

    /// <summary>Reading an order again may take one part in so many of a processor.</summary>
    private const int Share = 20;

    private const int MostBegun = 1_000;

    private readonly List<string> _begun = [];
    private SessionFilter _filter = new();
    private SessionOrder _order;
    private SessionIds _ids = SessionIds.None;
    private SessionStart? _newest;
    private Dictionary<string, SessionLine> _known = new(StringComparer.Ordinal);
    private HashSet<string> _left = new(StringComparer.Ordinal);
    private (int From, int Count) _window = (0, FirstLook);
    private long _readAt;
    private long _settledAt;
    private TimeSpan _rest;

    public int Count => _begun.Count + _ids.Count;

    /// <summary>The view has more lines than <see cref="Most"/>, or they are still being read.</summary>
    public bool More => _ids.More;

    /// <summary>Sessions of the view that are not among the lines yet.</summary>
    public int Waiting { get; private set; }

    /// <summary>All of them in their order.</summary>
    public IEnumerable<string> Ids => _begun.Concat(_ids);

    /// <summary>Reads another view in its own order: its first lines at once, then all of it.</summary>
    /// <param name="begun">The first lines are there to be shown.</param>
    public async Task OpenAsync(Caller caller, SessionFilter filter, SessionOrder order, Func<Task> begun, CancellationToken cancel)
    {
        // SQLite answers on the thread that asks, which must not be the one that the page's clicks wait for.
        var (newest, first) = await Task.Run(
            async () => (await NewestAsync(caller, filter, cancel), await sessions.LinesAsync(caller, filter, order, FirstLook, cancel)), cancel);
        (_filter, _order) = (filter, order);
        _window = (0, FirstLook);
        Settle(SessionIds.Of(first.Lines.Select(l => l.Id), first.More), newest);
        Know(first.Lines, []);
        _rest = TimeSpan.Zero;
        await begun();
        if (first.More)
        {
            await SettleAsync(caller, cancel);
        }
    }

    /// <summary>Reads the order again and takes it on.</summary>
    public async Task SettleAsync(Caller caller, CancellationToken cancel)
    {
        var (ids, newest) = await ReadAsync(caller, cancel);
        Settle(ids, newest);
        await LookAsync(caller, cancel);
    }

    /// <summary>Brings what is looked at up to date.</summary>
    /// <param name="mayMove">Nobody has their hands on the list.</param>
    public async Task FollowAsync(Caller caller, bool mayMove, CancellationToken cancel)
    {
        if (time.GetElapsedTime(_readAt) >= _rest)
        {
            var (ids, newest) = await ReadAsync(caller, cancel);
            if (mayMove && (NewestFirst || time.GetElapsedTime(_settledAt) >= LivePage.OwnLook))
            {
                Settle(ids, newest);
            }
            else
            {
                Waiting = Math.Max(0, ids.Beside(_ids) - _begun.Count);
            }
        }
        else
        {
            await BeginAsync(caller, mayMove, cancel);
        }

        await LookAsync(caller, cancel);
    }

    /// <summary>These places; those not known yet are read.</summary>
    public async ValueTask<IReadOnlyList<SettledLine>> AtAsync(Caller caller, int from, int count, CancellationToken cancel)
    {
        _window = (from, count);
        var places = Places();
        var (known, left) = places.TrueForAll(p => _known.ContainsKey(p.Id)) ? (_known, _left) : await ReadAsync(caller, places, cancel);
        return [.. places.Select(p => new SettledLine(p.Place, p.Id, known.GetValueOrDefault(p.Id), left.Contains(p.Id)))];
    }

    private bool NewestFirst => _order is { By: SessionSort.StartedAt, Ascending: false };

    private string Id(int place) => place < _begun.Count ? _begun[place] : _ids[place - _begun.Count];

    private List<(int Place, string Id)> Places()
    {
        var places = new List<(int, string)>();
        for (var place = _window.From; place < Math.Min(_window.From + _window.Count, Count); place++)
        {
            places.Add((place, Id(place)));
        }

        return places;
    }

    private Task LookAsync(Caller caller, CancellationToken cancel) => ReadAsync(caller, Places(), cancel);

    /// <summary>Reads the lines at these places, and forgets all others.</summary>
    private async Task<(Dictionary<string, SessionLine> Known, HashSet<string> Left)> ReadAsync(Caller caller, List<(int Place, string Id)> places, CancellationToken cancel)
    {
        var ids = places.ConvertAll(p => p.Id);
        var inside = ids.Count == 0 ? [] : await sessions.LinesAsync(caller, _filter, ids, cancel);
        var outside = inside.Count == ids.Count ? [] : ids.Except(inside.Select(l => l.Id)).ToList();
        return Know(outside.Count == 0 ? inside : [.. inside, .. await sessions.LinesAsync(caller, outside, cancel)], outside);
    }

    private (Dictionary<string, SessionLine> Known, HashSet<string> Left) Know(IEnumerable<SessionLine> lines, IEnumerable<string> left) =>
        (_known, _left) = (lines.ToDictionary(l => l.Id, StringComparer.Ordinal), left.ToHashSet(StringComparer.Ordinal));

    private void Settle(SessionIds ids, SessionStart? newest)
    {
        _begun.Clear();
        (_ids, _newest, Waiting) = (ids, newest, 0);
        _settledAt = time.GetTimestamp();
    }

    /// <summary>New sessions: shown at the top where they belong there and may, else counted.</summary>
    private async Task BeginAsync(Caller caller, bool mayMove, CancellationToken cancel)
    {
        // Off the page's thread, as above.
        var begun = await Task.Run(() => sessions.BegunAsync(caller, _filter, _newest, MostBegun, cancel), cancel);
        var fresh = begun.Where(s => !_ids.ProbablyHolds(s.Id)).ToList();
        if (!mayMove || !NewestFirst)
        {
            // From MostBegun on it is the next reading of the order that counts them.
            Waiting = Math.Max(Waiting, fresh.Count);
        }
        else if (fresh.Count > 0)
        {
            _begun.InsertRange(0, fresh.Select(s => s.Id));
            _newest = fresh[0];
            if (fresh.Count == MostBegun)
            {
                // There may be more, below these: the order is read at the next look.
                _rest = TimeSpan.Zero;
            }
        }
    }

    private async Task<SessionStart?> NewestAsync(Caller caller, SessionFilter filter, CancellationToken cancel) =>
        await sessions.BegunAsync(caller, filter, null, 1, cancel) is [var newest] ? newest : null;

    private async Task<(SessionIds Ids, SessionStart? Newest)> ReadAsync(Caller caller, CancellationToken cancel)
    {
        var (filter, order, start) = (_filter, _order, time.GetTimestamp());
        // The newest first: what begins between the two readings is then met twice, not missed.
        var (newest, ids) = await Task.Run(async () => (await NewestAsync(caller, filter, cancel), await sessions.IdsAsync(caller, filter, order, Most, cancel)), cancel);
        var (least, took) = (ids.Count > Short ? LivePage.OwnLook : TimeSpan.Zero, time.GetElapsedTime(start));
        (_readAt, _rest) = (time.GetTimestamp(), took * Share > least ? took * Share : least);
        return (ids, newest);
    }
}
