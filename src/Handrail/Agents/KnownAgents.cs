using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Agents;

/// <summary>Which agents a caller may read back for.</summary>
internal static class KnownAgents
{
    /// <summary>An agent that nobody has heard of yet may be asked for: its policy is the fleet's.</summary>
    /// <exception cref="Refusal">The key is limited to other agents, the agent is another team's, or the person may not look.</exception>
    public static async Task DemandKnownAgentAsync(this HandrailDb db, Caller caller, string agent, CancellationToken cancel)
    {
        if (caller.Kind != CallerKind.AgentKey)
        {
            if (!caller.May(Permission.View))
            {
                throw Refusal.NotFound($"agent '{agent}'");
            }

            return;
        }

        var team = await db.Agents.Where(a => a.Name == agent).Select(a => a.Team).SingleOrDefaultAsync(cancel);
        if (!caller.MayActFor(agent) || (team is not null && team != caller.Team))
        {
            throw Refusal.NotFound($"agent '{agent}'");
        }
    }
}
