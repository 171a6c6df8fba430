using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>
/// Which agents a person may know nothing of: those that use data of which the person does not hold every scope, and those that none of the person's roles is
/// over. What is hidden is held for all who hold the same scopes and limited roles together, and is known anew within <see cref="Fresh"/> of a change in another process, at once after one in this.
/// </summary>
public sealed class HiddenAgents(IDbContextFactory<HandrailDb> factory, Hints hints, TimeProvider time) : IDisposable
{
    /// <summary>A right taken away ends within 5 s, and pages look again only after this.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    private readonly SemaphoreSlim _turn = new(1, 1);
    private Hints.Listener? _listener;
    private Known? _known;

    /// <summary>The agents that are hidden from the caller: for as long as nothing changes the same object, so that what was read with it can be kept by it.</summary>
    public async ValueTask<IReadOnlySet<string>> OfAsync(Caller caller, CancellationToken cancel)
    {
        if (caller.SeesEveryAgent)
        {
            return None;
        }

        return (await KnownAsync(cancel)).HiddenFrom(caller);
    }

    /// <summary>What the caller may do to which agent, for pages to show.</summary>
    public async ValueTask<Rights> RightsOfAsync(Caller caller, CancellationToken cancel) =>
        new(caller, caller.LimitedRoles.Count == 0 ? null : (await KnownAsync(cancel)).Teams);

    private async ValueTask<Known> KnownAsync(CancellationToken cancel) => _known is { } last && IsFresh(last) ? last : await ReadAsync(cancel);

    public void Dispose()
    {
        _listener?.Dispose();
        _turn.Dispose();
    }

    private bool IsFresh(Known known) => time.GetUtcNow() - known.At is var age && age >= TimeSpan.Zero && age < Fresh && _listener?.IsHeard != true;

    private async Task<Known> ReadAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            if (_known is { } known && IsFresh(known))
            {
                return known;
            }

            // Listening starts before the reading, so that nothing falls between the two.
            _listener ??= hints.ListenToAll(HintKind.Agent);
            _ = _listener.Heard();
            var now = time.GetUtcNow();
            await using var db = await factory.CreateDbContextAsync(cancel);
            var agents = await db.Agents.AsNoTracking().OrderBy(a => a.Name).Select(a => new Registered(a.Name, a.Team, a.DataScopesJson)).ToListAsync(cancel);
            return _known = _known is { } before && before.Agents.SequenceEqual(agents) ? before with { At = now } : new Known(now, agents);
        }
        finally
        {
            _turn.Release();
        }
    }

    private readonly record struct Registered(string Name, string Team, string ScopesJson);

    private sealed record Known(DateTimeOffset At, List<Registered> Agents)
    {
        private readonly Dictionary<string, IReadOnlySet<string>> _byCaller = new(StringComparer.Ordinal);
        public IReadOnlyDictionary<string, string> Teams { get; } = Agents.ToDictionary(a => a.Name, a => a.Team, StringComparer.Ordinal);

        private readonly bool _anyScoped = Agents.Exists(a => a.ScopesJson != "[]");

        public IReadOnlySet<string> HiddenFrom(Caller caller)
        {
            var seesAllTeams = caller.May(Permission.View);
            if (seesAllTeams && !_anyScoped)
            {
                return None;
            }

            var key = JsonText.Of(caller.DataScopes.Order(StringComparer.Ordinal)) + (seesAllTeams ? "" : JsonText.Of(caller.LimitedRoles));
            lock (_byCaller)
            {
                if (!_byCaller.TryGetValue(key, out var hidden))
                {
                    var set = Agents.Where(a => !caller.MayKnowOf(a.Name, a.Team, a.ScopesJson)).Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
                    _byCaller[key] = hidden = set.Count == 0 ? None : set;
                }

                return hidden;
            }
        }
    }
}
