using Handrail.Access;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>A person sees to an alert, or says that it is over.</summary>
public sealed class AnswerAlert(HandrailStore store)
{
    /// <summary>Nobody else is woken for it any more. One that is acknowledged or resolved already stays as it is.</summary>
    /// <exception cref="Refusal">No right, or no such alert.</exception>
    public Task<AlertReading> AcknowledgeAsync(Caller caller, string id, CancellationToken cancel) => AnswerAsync(
        caller,
        id,
        async (unit, alert) =>
        {
            if (await Alerts.AcknowledgeAsync(unit, alert.Cause, caller.Name, cancel))
            {
                unit.Record(new AuditEntry(caller, "alert.acknowledge", $"alert:{id}") { After = new { alert.Cause } });
            }
        },
        cancel);

    /// <exception cref="Refusal">No right, no such alert, or one whose handoff waits to be decided.</exception>
    public Task<AlertReading> ResolveAsync(Caller caller, string id, CancellationToken cancel) => AnswerAsync(
        caller,
        id,
        async (unit, alert) =>
        {
            if (alert.HandoffId is { } handoff && await unit.Db.Handoffs.AnyAsync(h => h.Id == handoff && h.Status == HandoffStatus.Open, cancel))
            {
                throw Refusal.Conflict("It is resolved when its handoff is decided; acknowledge it meanwhile.");
            }

            if (alert.State != AlertState.Resolved)
            {
                await Alerts.ResolveAsync(unit, alert.Cause, caller.Name, cancel);
                unit.Record(new AuditEntry(caller, "alert.resolve", $"alert:{id}") { After = new { alert.Cause } });
            }
        },
        cancel);

    private Task<AlertReading> AnswerAsync(Caller caller, string id, Func<UnitOfWork, Alert, Task> answer, CancellationToken cancel)
    {
        if (!caller.MaySomewhere(Permission.Decide))
        {
            caller.DemandSomewhere(Permission.Control);
        }

        return store.WriteAsync(
            async unit =>
            {
                var alert = await unit.Db.Alerts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancel) ?? throw Refusal.NotFound($"alert '{id}'");
                await DemandAsync(unit.Db, caller, alert, cancel);
                await answer(unit, alert);
                return (await AlertQueries.ReadAsync(unit.Db, await unit.Db.Alerts.AsNoTracking().Where(a => a.Id == id).ToListAsync(cancel), cancel))[0];
            },
            cancel);
    }

    /// <exception cref="Refusal">The caller may know nothing of its agent, or has no right over it.</exception>
    private static async Task DemandAsync(HandrailDb db, Caller caller, Alert alert, CancellationToken cancel)
    {
        if (alert.Agent is not { } agent)
        {
            if (!caller.May(Permission.Decide))
            {
                caller.Demand(Permission.Control);
            }

            return;
        }

        if (!await db.AllowAgentAsync(caller, agent, cancel) || (alert.SessionId is { } session && !await db.AllowSessionAsync(caller, session, cancel)))
        {
            throw Refusal.NotFound($"alert '{alert.Id}'");
        }

        if (!caller.MayFor(Permission.Decide, agent, await db.TeamOfAsync(agent, cancel)))
        {
            await db.DemandForAsync(caller, Permission.Control, agent, cancel);
        }
    }
}
