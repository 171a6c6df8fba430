using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>Who may know of an agent's data, asked in the transaction of a deed.</summary>
internal static class DataScopes
{
    /// <summary>True when the scopes that are held are all that the agent uses.</summary>
    public static bool Cover(IReadOnlyCollection<string> held, string usedJson) => (JsonText.Read<List<string>>(usedJson) ?? []).TrueForAll(held.Contains);

    /// <summary>True when the caller may know of this session: of every agent that worked in it.</summary>
    public static async Task<bool> AllowSessionAsync(this HandrailDb db, Caller caller, string sessionId, CancellationToken cancel) => caller.SeesEveryAgent
        || (await db.WorkedInAsync(sessionId, cancel)).TrueForAll(a => caller.MayKnowOf(a.Name, a.Team, a.DataScopesJson));

    /// <summary>Of sessions that were read for all, those that the caller may know of.</summary>
    public static Task<HashSet<string>> SeenSessionsAsync(this HandrailStore store, Caller caller, IReadOnlyCollection<string> sessionIds, CancellationToken cancel) => store.ReadAsync(
        caller, db => db.Sessions.Where(s => EF.Parameter(sessionIds).Contains(s.Id)).Select(s => s.Id).ToHashSetAsync(StringComparer.Ordinal, cancel), cancel);

    /// <summary>True when the caller may know of this agent; one that nobody has heard of has no data.</summary>
    public static async Task<bool> AllowAgentAsync(this HandrailDb db, Caller caller, string agent, CancellationToken cancel)
    {
        if (caller.SeesEveryAgent)
        {
            return true;
        }

        var known = await db.Agents.IgnoreQueryFilters().Where(a => a.Name == agent).Select(a => new { a.Team, a.DataScopesJson }).SingleOrDefaultAsync(cancel);
        return caller.MayKnowOf(agent, known?.Team, known?.DataScopesJson);
    }

    /// <summary>The same for what is ordered or published for a scope: the fleet's is everybody's.</summary>
    /// <exception cref="Refusal">The caller may not know of its agent.</exception>
    public static Task DemandScopeAsync(this HandrailDb db, Caller caller, string scope, CancellationToken cancel) =>
        scope.StartsWith(Scopes.Agent(""), StringComparison.Ordinal) ? db.DemandAgentAsync(caller, scope[Scopes.Agent("").Length..], cancel) : Task.CompletedTask;

    /// <summary>Refuses as if there were no such agent.</summary>
    /// <exception cref="Refusal">The caller may not know of it.</exception>
    public static async Task DemandAgentAsync(this HandrailDb db, Caller caller, string agent, CancellationToken cancel)
    {
        if (!await db.AllowAgentAsync(caller, agent, cancel))
        {
            throw Refusal.NotFound($"agent '{agent}'");
        }
    }

    /// <summary>The agents that worked in a session; team and scopes are null of one that is registered no more.</summary>
    internal static Task<List<WorkedIn>> WorkedInAsync(this HandrailDb db, string sessionId, CancellationToken cancel) =>
        (from worked in db.SessionAgents.Where(w => w.SessionId == sessionId)
         join agent in db.Agents.IgnoreQueryFilters() on worked.Agent equals agent.Name into agents
         from agent in agents.DefaultIfEmpty()
         select new WorkedIn(worked.Agent, agent == null ? null : agent.Team, agent == null ? null : agent.DataScopesJson)).ToListAsync(cancel);

    internal sealed record WorkedIn(string Name, string? Team, string? DataScopesJson);
}
