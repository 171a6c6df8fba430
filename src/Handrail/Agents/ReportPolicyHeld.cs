using System.Collections.Concurrent;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Agents;

/// <summary>
/// Notes which policy version an agent says it holds: what the registry shows as up to date or behind. After a publish a whole fleet says so at
/// once: those that come while a commit is under way share the next one, and decisions don't wait behind a thousand of them.
/// </summary>
public sealed class ReportPolicyHeld
{
    private const int LongestVersion = 40;
    private const int MostKept = 20_000;

    /// <summary>For how long what an agent said is not looked at again: a poll says the same every half a minute, and another instance may have said something else.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly HandrailStore _store;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, (string Version, DateTimeOffset At)> _said = new(StringComparer.Ordinal);
    private readonly SharedRun<(string Agent, string Version), IReadOnlySet<string>> _writing;

    public ReportPolicyHeld(HandrailStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        _writing = new(WriteAsync);
    }

    /// <summary>Returns once it is committed. An agent that the registry does not know is passed over.</summary>
    public async Task HandleAsync(string agent, string version, CancellationToken cancel)
    {
        if (version.Length > LongestVersion || (_said.TryGetValue(agent, out var said) && said.Version == version && _time.GetUtcNow() - said.At < Fresh))
        {
            return;
        }

        if (!(await _writing.JoinAsync((agent, version), cancel)).Contains(agent))
        {
            return;
        }

        if (_said.Count >= MostKept)
        {
            _said.Clear();
        }

        _said[agent] = (version, _time.GetUtcNow());
    }

    /// <returns>The agents among them that the registry knows.</returns>
    private Task<IReadOnlySet<string>> WriteAsync(IReadOnlyList<(string Agent, string Version)> said) => _store.WriteAsync<IReadOnlySet<string>>(
        async unit =>
        {
            // What an agent said last is what it holds.
            var held = said.GroupBy(s => s.Agent, StringComparer.Ordinal).ToDictionary(a => a.Key, a => a.Last().Version, StringComparer.Ordinal);
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

            return known.Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
        },
        CancellationToken.None);
}
