using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>
/// Which agents a person may know nothing of: those that use data of which the person does not hold every scope. What is hidden is held for all who
/// hold the same scopes together, and is known anew within <see cref="Fresh"/> of a change in another process, at once after one in this.
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

        var known = _known is { } last && IsFresh(last) ? last : await ReadAsync(cancel);
        return known.Scoped.Count == 0 ? None : known.HiddenFrom(caller.DataScopes);
    }

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
            var rows = await db.Agents.AsNoTracking().Where(a => a.DataScopesJson != "[]").OrderBy(a => a.Name).Select(a => new { a.Name, a.DataScopesJson }).ToListAsync(cancel);
            var scoped = rows.ConvertAll(r => (r.Name, r.DataScopesJson));
            return _known = _known is { } before && before.Scoped.SequenceEqual(scoped) ? before with { At = now } : new Known(now, scoped);
        }
        finally
        {
            _turn.Release();
        }
    }

    private sealed record Known(DateTimeOffset At, List<(string Agent, string ScopesJson)> Scoped)
    {
        private readonly Dictionary<string, IReadOnlySet<string>> _byScopes = new(StringComparer.Ordinal);

        public IReadOnlySet<string> HiddenFrom(IReadOnlyCollection<string> held)
        {
            var key = JsonText.Of(held.Order(StringComparer.Ordinal));
            lock (_byScopes)
            {
                if (!_byScopes.TryGetValue(key, out var hidden))
                {
                    var set = Scoped.Where(s => !DataScopes.Cover(held, s.ScopesJson)).Select(s => s.Agent).ToHashSet(StringComparer.Ordinal);
                    _byScopes[key] = hidden = set.Count == 0 ? None : set;
                }

                return hidden;
            }
        }
    }
}
