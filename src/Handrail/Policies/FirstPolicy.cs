using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>Gives the fleet its first policy, and the row that its control is held in, at the first start.</summary>
public sealed class FirstPolicy(HandrailStore store, PublishPolicy publish)
{
    public Task HandleAsync(CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            if (!await unit.Db.ScopeControls.AnyAsync(c => c.Scope == Scopes.Fleet, cancel))
            {
                unit.Db.ScopeControls.Add(new ScopeControl { Scope = Scopes.Fleet });
            }

            if (!await unit.Db.PolicyHeads.AnyAsync(h => h.Scope == Scopes.Fleet, cancel))
            {
                await publish.PublishFirstAsync(unit, PolicyDocument.FleetDefault, cancel);
            }
        },
        cancel);
}
