using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Switches one tool or one action type off, or on again, over the whole fleet.</summary>
public sealed class SwitchOff(HandrailStore store)
{
    /// <param name="what"><c>tool</c> or <c>type</c>.</param>
    public Task HandleAsync(Caller caller, string what, string name, string reason, bool off, CancellationToken cancel)
    {
        caller.Demand(Permission.Control);
        return store.WriteAsync(
            async unit =>
            {
                // Decisions and claims hold this row: none of them crosses the order unseen.
                await unit.Db.ScopeControls.AsNoTracking().Where(c => c.Scope == Scopes.Fleet).ForUpdate().Select(c => c.Scope).ToListAsync(cancel);
                var row = await unit.Db.Disabled.SingleOrDefaultAsync(d => d.What == what && d.Name == name, cancel);
                if (off == row is not null)
                {
                    return;
                }

                if (off)
                {
                    unit.Db.Disabled.Add(new Disabled { What = what, Name = name, Reason = reason, By = caller.Name, Since = unit.Now });
                }
                else
                {
                    unit.Db.Disabled.Remove(row!);
                }

                Notices.Switched(unit, what, name, off, caller.Name);
                unit.Record(new AuditEntry(caller, off ? "fleet.disable" : "fleet.enable", $"{what}:{name}") { Reason = reason });
                unit.Tell(HintKind.Agent, Scopes.Fleet);
            },
            cancel);
    }
}
