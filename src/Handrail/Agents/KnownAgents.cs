using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Agents;

/// <summary>What the registry says of an agent that a caller may read back for.</summary>
/// <param name="UsesPeoplesData">It uses data that only some users may see, or acts only on behalf of a known one.</param>
internal sealed record KnownAgent(string Team, bool UsesPeoplesData);

/// <summary>Which agents a caller may read back for.</summary>
internal static class KnownAgents
{
    /// <summary>An agent that nobody has heard of yet may be asked for: its policy is the fleet's. Then null.</summary>
    /// <exception cref="Refusal">The key is limited to other agents, the agent is another team's, or the person may not look.</exception>
    public static async Task<KnownAgent?> DemandKnownAgentAsync(this HandrailDb db, Caller caller, string agent, CancellationToken cancel)
    {
        var known = await db.Agents.Where(a => a.Name == agent).Select(a => new KnownAgent(a.Team, a.RequiresUser || a.DataScopesJson != "[]")).SingleOrDefaultAsync(cancel);
        await db.DemandAgentAsync(caller, agent, cancel);
        return Demand(caller, agent, known);
    }

    /// <summary>The same, of what was read already.</summary>
    /// <exception cref="Refusal">As above.</exception>
    public static KnownAgent? Demand(Caller caller, string agent, KnownAgent? known)
    {
        var may = caller.Kind == CallerKind.AgentKey ? caller.MayActFor(agent) && (known is null || known.Team == caller.Team) : caller.MaySomewhere(Permission.View);
        return may ? known : throw Refusal.NotFound($"agent '{agent}'");
    }
}
