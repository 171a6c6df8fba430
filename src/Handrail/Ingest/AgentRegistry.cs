using Handrail.Agents;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Ingest;

/// <summary>The agents that a batch names: whose they are, and their entries in the registry, made when they are first heard of.</summary>
internal sealed class AgentRegistry(UnitOfWork unit, Bulk bulk)
{
    /// <summary>How stale the registry's "last seen" may be: it is not written with every batch.</summary>
    private static readonly TimeSpan SeenEvery = TimeSpan.FromSeconds(10);

    private static readonly BulkColumn<Agent>[] AgentColumns =
    [
        BulkColumn.Text<Agent>("name", a => a.Name),
        BulkColumn.Text<Agent>("team", a => a.Team),
        BulkColumn.Text<Agent>("data_scopes_json", a => a.DataScopesJson),
        BulkColumn.Flag<Agent>("requires_user", a => a.RequiresUser),
        BulkColumn.Text<Agent>("last_version", a => a.LastVersion),
        BulkColumn.Time<Agent>("first_seen_at", a => a.FirstSeenAt),
        BulkColumn.Time<Agent>("last_seen_at", a => a.LastSeenAt),
    ];

    private static readonly BulkColumn<ScopeControl>[] ControlColumns =
    [
        BulkColumn.Text<ScopeControl>("scope", c => c.Scope),
        BulkColumn.Word<ScopeControl, ControlState>("state", c => c.State),
        BulkColumn.Long<ScopeControl>("seq", c => c.Seq),
    ];

    private static readonly BulkColumn<PolicyHead>[] HeadColumns =
    [
        BulkColumn.Text<PolicyHead>("scope", h => h.Scope),
        BulkColumn.Integer<PolicyHead>("version", h => h.Version),
    ];

    private readonly Dictionary<string, Agent> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Reads whose these agents are.</summary>
    public async Task LoadAsync(IEnumerable<string> names, CancellationToken cancel)
    {
        var unasked = names.Where(_asked.Add).ToList();
        if (unasked.Count == 0)
        {
            return;
        }

        var rows = await bulk.ReadAsync(
            "SELECT name, team, last_version, last_seen_at FROM agents WHERE name {in}", unasked,
            r => new Agent
            {
                Name = r.GetString(0),
                Team = r.GetString(1),
                LastVersion = r.TextOrNull(2),
                LastSeenAt = r.GetTime(3, bulk.Provider),
            },
            cancel);
        foreach (var row in rows)
        {
            _known[row.Name] = row;
        }
    }

    /// <summary>True when another team has the agent.</summary>
    public bool IsForeign(string name, string team) => _known.TryGetValue(name, out var agent) && !string.Equals(agent.Team, team, StringComparison.Ordinal);

    /// <summary>True when a name that was asked for has an entry.</summary>
    public bool IsKnown(string name) => _known.ContainsKey(name);

    /// <summary>Of names without an entry, those that their team has no room for any more.</summary>
    public async Task<HashSet<string>> WithoutRoomAsync(IReadOnlyCollection<(string Name, string Team)> wanted, CancellationToken cancel)
    {
        var byTeam = wanted.ToLookup(w => w.Team, w => w.Name, StringComparer.Ordinal);
        var taken = (await bulk.ReadAsync(
            "SELECT team, COUNT(*) FROM agents WHERE team {in} GROUP BY team", byTeam.Select(t => t.Key).ToList(), r => (Team: r.GetString(0), Count: (int)r.GetInt64(1)), cancel))
            .ToDictionary(t => t.Team, t => t.Count, StringComparer.Ordinal);
        return byTeam.SelectMany(t => t.Skip(Math.Max(0, Agent.MostInTeam - taken.GetValueOrDefault(t.Key)))).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Makes the entries of agents that have none, with the rows that their control and their policy meet decisions on, and notes who was seen.</summary>
    /// <param name="seen">Agents that did a step, whose they are, and the version that said so.</param>
    public async Task NoteAsync(IReadOnlyDictionary<string, (string Team, string? Version)> seen, CancellationToken cancel)
    {
        var fresh = seen.Where(s => !_known.ContainsKey(s.Key)).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new Agent
        {
            Name = s.Key,
            Team = s.Value.Team,
            LastVersion = s.Value.Version,
            FirstSeenAt = unit.Now,
            LastSeenAt = unit.Now,
        }).ToList();
        if (await bulk.InsertAsync("agents", AgentColumns, fresh, "ON CONFLICT (name) DO NOTHING", cancel) != fresh.Count)
        {
            throw new LostRaceException("an agent has just been registered");
        }

        await bulk.InsertAsync("scope_controls", ControlColumns, fresh.ConvertAll(a => new ScopeControl { Scope = Scopes.Agent(a.Name) }), "ON CONFLICT (scope) DO NOTHING", cancel);
        await bulk.InsertAsync("policy_heads", HeadColumns, fresh.ConvertAll(a => new PolicyHead { Scope = Scopes.Agent(a.Name) }), "ON CONFLICT (scope) DO NOTHING", cancel);
        var again = _known.Values.Where(a => seen.TryGetValue(a.Name, out var s) && (a.LastSeenAt < unit.Now - SeenEvery || (s.Version is not null && s.Version != a.LastVersion)))
            .OrderBy(a => a.Name, StringComparer.Ordinal).ToList();
        foreach (var agent in again)
        {
            agent.LastVersion = seen[agent.Name].Version ?? agent.LastVersion;
            agent.LastSeenAt = unit.Now;
        }

        await bulk.UpdateAsync("agents", AgentColumns[..1], [AgentColumns[4], AgentColumns[6]], again, cancel);
        foreach (var agent in fresh)
        {
            _known[agent.Name] = agent;
            unit.Tell(HintKind.Agent, agent.Name);
        }
    }

    /// <summary>
    /// Takes entries back that were made by mistake: a name that only stood in for the agent's own until an ancestor came, with
    /// which nothing else was ever done.
    /// </summary>
    public async Task ForgetAsync(IReadOnlyCollection<string> names, CancellationToken cancel)
    {
        // Whom another transaction has just seen at work is no mistake, and waiting for it while sessions are held could be for ever.
        var free = bulk.Provider == DatabaseProvider.Sqlite
            ? names
            : await bulk.ReadAsync("SELECT name FROM agents WHERE name {in} ORDER BY name FOR UPDATE SKIP LOCKED", names, r => r.GetString(0), cancel);
        var gone = await bulk.DeleteAsync(
            "agents", AgentColumns[..1], [.. free.Order(StringComparer.Ordinal).Select(n => new Agent { Name = n, Team = "" })],
            """
             AND owner IS NULL AND description IS NULL AND policy_held IS NULL
             AND NOT EXISTS (SELECT 1 FROM session_agents sa WHERE sa.agent = agents.name)
             AND NOT EXISTS (SELECT 1 FROM actions a WHERE a.agent = agents.name)
             AND NOT EXISTS (SELECT 1 FROM control_commands c WHERE c.scope = 'agent:' || agents.name)
             AND NOT EXISTS (SELECT 1 FROM policy_versions v WHERE v.scope = 'agent:' || agents.name)
            """,
            cancel);
        if (gone > 0)
        {
            foreach (var name in names)
            {
                unit.Tell(HintKind.Agent, name);
            }
        }
    }
}
