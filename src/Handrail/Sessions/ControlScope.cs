using System.Linq.Expressions;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Audit;
using Handrail.Breakers;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// A person's order to every present and future session of an agent, or of the fleet: pause, resume, stop. Resuming lets paused
/// sessions go on; those that were stopped stay stopped.
/// </summary>
public sealed class ControlScope(HandrailStore store, OrderLatch latch)
{
    /// <param name="agent">The agent, or null for the whole fleet.</param>
    /// <exception cref="Refusal">No right, no such agent, or an order that the state does not permit.</exception>
    public Task<ScopeControl> HandleAsync(Caller caller, string? agent, ControlKind kind, string? reason, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.Control);
        if (kind is not (ControlKind.Pause or ControlKind.Resume or ControlKind.Stop))
        {
            throw new ArgumentOutOfRangeException(nameof(kind));
        }

        var scope = agent is null ? Scopes.Fleet : Scopes.Agent(agent);
        if (kind == ControlKind.Resume)
        {
            latch.DemandNothing(scope);
        }

        return store.WriteAsync(
            async unit =>
            {
                if (agent is not null && !await unit.Db.Agents.AnyAsync(a => a.Name == agent, cancel))
                {
                    throw Refusal.NotFound($"agent '{agent}'");
                }

                await unit.Db.DemandScopeAsync(caller, scope, cancel);
                await unit.Db.DemandForScopeAsync(caller, Permission.Control, scope, cancel);
                var control = await LockAsync(unit, scope, cancel);
                if (control.State == ControlState.Stopped && kind == ControlKind.Pause)
                {
                    throw Refusal.Conflict($"The {Name(agent)} is stopped; resume it before pausing it.", new { scope, state = control.State });
                }

                await OrderAsync(unit, caller, agent, kind, reason, cancel);
                if (kind == ControlKind.Resume)
                {
                    await ResumeTrips.ResumedAsync(unit, scope, caller, cancel);
                }

                return control;
            },
            cancel);
    }

    /// <summary>What a stop of the agent, or of the fleet, would reach.</summary>
    /// <exception cref="Refusal">No right, or no such agent.</exception>
    public Task<StopReach> ReachAsync(Caller caller, string? agent, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return StopReach.ForAsync(
            store, caller,
            async db => agent is null || await db.Agents.AnyAsync(a => a.Name == agent, cancel)
                ? await StopReach.OfScopeAsync(db, agent, cancel)
                : throw Refusal.NotFound($"agent '{agent}'"),
            cancel);
    }

    /// <summary>The order itself, within a transaction that holds the scope's row or takes it here.</summary>
    /// <returns>False when it holds already, or more does.</returns>
    internal static async Task<bool> OrderAsync(UnitOfWork unit, Caller caller, string? agent, ControlKind kind, string? reason, CancellationToken cancel)
    {
        var scope = agent is null ? Scopes.Fleet : Scopes.Agent(agent);
        var control = await LockAsync(unit, scope, cancel);
        var before = control.State;
        var after = kind switch
        {
            ControlKind.Pause => ControlState.Paused,
            ControlKind.Stop => ControlState.Stopped,
            _ => ControlState.Running,
        };
        if (before == after || (before == ControlState.Stopped && after == ControlState.Paused))
        {
            return false;
        }

        var command = await Commands.AppendAsync(unit, scope, kind, caller.Name, reason, null, cancel);
        (control.State, control.Reason, control.By, control.Since, control.Seq) = (after, reason, caller.Name, unit.Now, command.Seq);
        await unit.Db.SaveChangesAsync(cancel);
        var stopped = await ApplyAsync(unit, agent, after, caller.Name, cancel);
        if (after == ControlState.Stopped && agent is not null)
        {
            await ControlSession.StopBelowAsync(unit, stopped, caller, reason, cancel);
        }

        Notices.Ordered(unit, agent, kind, caller.Name);
        unit.Record(new AuditEntry(caller, $"{(agent is null ? "fleet" : "agent")}.{kind.Text()}", scope)
        {
            Reason = reason,
            Tightens = kind is ControlKind.Stop or ControlKind.Pause,
            Before = new { state = before },
            After = new { state = after },
        });
        unit.Tell(HintKind.Agent, agent ?? Scopes.Fleet);
        return true;
    }

    private static string Name(string? agent) => agent is null ? "fleet" : $"agent '{agent}'";

    internal static async Task<ScopeControl> LockAsync(UnitOfWork unit, string scope, CancellationToken cancel)
    {
        var control = await unit.Db.ScopeControls.Where(c => c.Scope == scope).ForUpdate().SingleOrDefaultAsync(cancel);
        if (control is null)
        {
            control = new ScopeControl { Scope = scope };
            unit.Db.ScopeControls.Add(control);
            await unit.Db.SaveChangesAsync(cancel);
        }

        return control;
    }

    /// <returns>The sessions that it was for.</returns>
    private static async Task<IReadOnlyList<string>> ApplyAsync(UnitOfWork unit, string? agent, ControlState state, string by, CancellationToken cancel)
    {
        var db = unit.Db;
        Expression<Func<Session, bool>> live = agent is null
            ? s => s.EndedAt == null && s.MovedTo == null && s.Control != ControlState.Stopped
            : s => s.Agent == agent && s.EndedAt == null && s.MovedTo == null && s.Control != ControlState.Stopped;

        // Held in their order, as whoever writes telemetry holds them: an order must not wait for a deadlock to be found.
        var concerned = await db.Sessions.Where(live).OrderBy(s => s.Id).ForUpdate().Select(s => s.Id).ToListAsync(cancel);
        foreach (var id in concerned)
        {
            unit.Tell(HintKind.Session, id);
        }

        switch (state)
        {
            case ControlState.Stopped:
                Expression<Func<GatedAction, bool>> actions = agent is null
                    ? a => true
                    : a => a.Agent == agent || db.Sessions.Any(s => s.Id == a.SessionId && s.Agent == agent);
                Expression<Func<Handoff, bool>> handoffs = agent is null
                    ? h => h.Kind != HandoffKind.Breaker
                    : h => h.Kind != HandoffKind.Breaker && (h.Agent == agent || db.Sessions.Any(s => s.Id == h.SessionId && s.Agent == agent));
                await db.Sessions.Where(live).ExecuteUpdateAsync(
                    set => set.SetProperty(s => s.Control, ControlState.Stopped).SetProperty(s => s.State, SessionState.Stopping)
                        .SetProperty(s => s.TakenOverBy, (string?)null).SetProperty(s => s.StopAcknowledged, false)
                        .SetProperty(s => s.Version, s => s.Version + 1),
                    cancel);
                await RecountAsync(unit, await Voiding.CancelAsync(unit, actions, handoffs, by, $"The {Name(agent)} was stopped", cancel), cancel);
                break;
            case ControlState.Paused:
                await db.Sessions.Where(live).ExecuteUpdateAsync(
                    set => set.SetProperty(s => s.ScopePaused, true).SetProperty(s => s.Version, s => s.Version + 1)
                        .SetProperty(s => s.State, s => s.Control == ControlState.Running ? SessionState.Paused : s.State),
                    cancel);
                break;
            default:
                await ResumeAsync(unit, live, cancel);
                break;
        }

        return concerned;
    }

    /// <summary>What still waits in sessions in which something was cancelled: some may be another agent's, and go on.</summary>
    internal static async Task RecountAsync(UnitOfWork unit, IReadOnlyList<string> sessions, CancellationToken cancel)
    {
        var concerned = unit.Db.Sessions.Where(s => sessions.Contains(s.Id));
        await concerned.OrderBy(s => s.Id).ForUpdate().Select(s => s.Id).ToListAsync(cancel);
        await concerned.ExecuteUpdateAsync(
            set => set.SetProperty(
                s => s.OpenHandoffs,
                s => unit.Db.Handoffs.Count(h => h.SessionId == s.Id && h.Status == HandoffStatus.Open && h.Kind != HandoffKind.Sample && h.Kind != HandoffKind.Breaker && h.Kind != HandoffKind.TakeOver)),
            cancel);
        await concerned.Where(s => s.State == SessionState.Waiting && s.OpenHandoffs == 0)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.State, SessionState.Running), cancel);
        foreach (var id in sessions)
        {
            unit.Tell(HintKind.Session, id);
        }
    }

    /// <summary>Lets go on what no other scope holds: a session of a paused agent stays paused when only the fleet resumes.</summary>
    private static async Task ResumeAsync(UnitOfWork unit, Expression<Func<Session, bool>> live, CancellationToken cancel)
    {
        var db = unit.Db;
        var held = await db.ScopeControls.Where(c => c.State == ControlState.Paused).Select(c => c.Scope).ToListAsync(cancel);
        if (held.Contains(Scopes.Fleet))
        {
            return;
        }

        var agents = held.Select(s => s["agent:".Length..]).ToList();
        await db.Sessions.Where(live).Where(s => s.ScopePaused && !agents.Contains(s.Agent)).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.ScopePaused, false).SetProperty(s => s.Version, s => s.Version + 1)
                .SetProperty(
                    s => s.State,
                    s => s.Control != ControlState.Running ? s.State : s.OpenHandoffs > 0 ? SessionState.Waiting : SessionState.Running),
            cancel);
    }
}
