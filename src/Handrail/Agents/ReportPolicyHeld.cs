using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Agents;

/// <summary>
/// Notes which policy version an agent says it holds: what the registry shows as up to date or behind. After a publish a whole fleet says so at
/// once: those that come while a commit is under way share the next one, and decisions don't wait behind a thousand of them.
/// </summary>
public sealed class ReportPolicyHeld(HandrailStore store)
{
    private const int LongestVersion = 40;

    private readonly Lock _lock = new();
    private Dictionary<string, string> _waiting = new(StringComparer.Ordinal);
    private Task _writing = Task.CompletedTask;
    private Task? _next;

    /// <summary>Returns once it is committed. An agent that the registry does not know is passed over.</summary>
    public async Task HandleAsync(string agent, string version, CancellationToken cancel)
    {
        if (version.Length > LongestVersion || await store.ReadAsync(db => db.Agents.AnyAsync(a => a.Name == agent && a.PolicyHeld == version, cancel), cancel))
        {
            return;
        }

        Task written;
        lock (_lock)
        {
            _waiting[agent] = version;
            written = _next ??= WriteAsync(_writing);
        }

        await written.WaitAsync(cancel);
    }

    private async Task WriteAsync(Task before)
    {
        // Whoever began this still holds the lock.
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dictionary<string, string> held;
        lock (_lock)
        {
            (held, _waiting) = (_waiting, new Dictionary<string, string>(StringComparer.Ordinal));
            (_writing, _next) = (_next!, null);
        }

        await store.WriteAsync(
            async unit =>
            {
                var names = held.Keys.Order(StringComparer.Ordinal).ToList();
                var known = await unit.Db.Agents.Where(a => EF.Parameter(names).Contains(a.Name)).Select(a => new { a.Name, a.PolicyHeld }).ToListAsync(CancellationToken.None);
                foreach (var version in known.Where(a => a.PolicyHeld != held[a.Name]).GroupBy(a => held[a.Name], a => a.Name))
                {
                    // One statement a version, of which a fleet has few: and only these two columns, so that nothing told meanwhile is written over.
                    var (text, agents) = (version.Key, version.ToList());
                    await unit.Db.Agents.Where(a => EF.Parameter(agents).Contains(a.Name))
                        .ExecuteUpdateAsync(set => set.SetProperty(a => a.PolicyHeld, text).SetProperty(a => a.PolicyHeldAt, unit.Now), CancellationToken.None);
                    foreach (var agent in agents)
                    {
                        unit.Tell(HintKind.Agent, agent);
                    }
                }
            },
            CancellationToken.None);
    }
}
