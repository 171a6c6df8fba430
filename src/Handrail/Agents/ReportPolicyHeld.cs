using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Agents;

/// <summary>Notes which policy version an agent says it holds: what the registry shows as up to date or behind.</summary>
public sealed class ReportPolicyHeld(HandrailStore store)
{
    public async Task HandleAsync(string agent, string version, CancellationToken cancel)
    {
        if (version.Length > 40 || await store.ReadAsync(db => db.Agents.AnyAsync(a => a.Name == agent && a.PolicyHeld == version, cancel), cancel))
        {
            return;
        }

        await store.WriteAsync(
            async unit =>
            {
                var changed = await unit.Db.Agents.Where(a => a.Name == agent && a.PolicyHeld != version)
                    .ExecuteUpdateAsync(set => set.SetProperty(a => a.PolicyHeld, version).SetProperty(a => a.PolicyHeldAt, unit.Now), cancel);
                if (changed > 0)
                {
                    unit.Tell(HintKind.Agent, agent);
                }
            },
            cancel);
    }
}
