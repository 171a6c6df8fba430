using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>Puts a handoff before a colleague. Others see whose it is, and may still claim it when the colleague does not come.</summary>
public sealed class DelegateHandoff(HandrailStore store)
{
    /// <summary>Colleagues offered at once.</summary>
    private const int MostColleagues = 200;

    /// <param name="to">The colleague's e-mail address; null takes the delegation back.</param>
    /// <exception cref="Refusal">No right, no such handoff or colleague, decided already, claimed by somebody else, or a colleague who may not decide it.</exception>
    public Task<HandoffAnswer> HandleAsync(Caller caller, string id, string? to, string? note, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.Decide);
        return store.WriteAsync(
            async unit =>
            {
                var (_, handoff) = await unit.Db.LockHandoffAsync(caller, id, cancel);
                await unit.Db.DemandForAsync(caller, Permission.Decide, handoff.Agent, cancel);
                HandoffRows.DemandOpen(handoff, unit.Now);
                if (ClaimHandoff.ClaimedByOther(handoff, caller, unit.Now))
                {
                    throw Refusal.Conflict($"{handoff.ClaimedBy} has claimed this handoff.", HandoffAnswer.Of(handoff, unit.Now));
                }

                var colleague = to is null ? null : await FindAsync(unit.Db, handoff, to, cancel);
                if (handoff.AssignedTo == colleague && colleague is null)
                {
                    return HandoffAnswer.Of(handoff, unit.Now);
                }

                unit.Record(new AuditEntry(caller, "handoff.delegate", $"handoff:{id}") { Reason = note, Before = new { to = handoff.AssignedTo }, After = new { to = colleague } });
                (handoff.AssignedTo, handoff.AssignedBy, handoff.AssignedNote) = colleague is null ? (null, null, null) : (colleague, caller.Name, note);
                (handoff.ClaimedBy, handoff.ClaimedUntil) = (null, null);
                unit.Tell(HintKind.Handoff, id);
                return HandoffAnswer.Of(handoff, unit.Now);
            },
            cancel);
    }

    /// <summary>Who else may decide: for choosing from, by name.</summary>
    public Task<List<string>> ColleaguesAsync(Caller caller, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.Decide);
            return await Deciders(db).Where(p => p.Id != caller.Id).Select(p => p.Email!).Distinct().OrderBy(e => e).Take(MostColleagues).ToListAsync(cancel);
        },
        cancel);

    private static IQueryable<Person> Deciders(HandrailDb db)
    {
        var roles = Permissions.Roles.Where(r => Permissions.Has(r, Permission.Decide)).ToList();
        var limited = Permissions.Limitable.Intersect(roles).Select(r => $"\"{r}\"").ToList();
        return db.Users.Where(p => db.UserRoles.Any(u => u.UserId == p.Id && db.Roles.Any(r => r.Id == u.RoleId && roles.Contains(r.Name!)))
            || limited.Any(r => p.LimitedRolesJson.Contains(r)));
    }

    private static async Task<string> FindAsync(HandrailDb db, Handoff handoff, string to, CancellationToken cancel)
    {
        var wanted = to.Trim().ToUpperInvariant();
        var person = await Deciders(db).AsNoTracking().Where(p => p.NormalizedEmail == wanted).SingleOrDefaultAsync(cancel)
            ?? throw Refusal.Invalid("to", $"'{to}' is nobody who may decide.");
        var roles = await db.UserRoles.Where(u => u.UserId == person.Id).Join(db.Roles, u => u.RoleId, r => r.Id, (_, r) => r.Name!).ToListAsync(cancel);
        var (colleague, team) = (Caller.Of(person, roles), await db.TeamOfAsync(handoff.Agent, cancel));
        if (!await db.AllowAgentAsync(colleague, handoff.Agent, cancel) || !await db.AllowSessionAsync(colleague, handoff.SessionId, cancel))
        {
            throw Refusal.Invalid("to", $"{person.Email} may not see this agent's data.");
        }

        if (!colleague.MayFor(Permission.Decide, handoff.Agent, team))
        {
            throw Refusal.Invalid("to", $"{person.Email} may not decide what the agent '{handoff.Agent}' asks.");
        }

        if (handoff.ForbidSelfApproval && Decidable.IsSamePerson(handoff.User, person.Email!, person.Id))
        {
            throw Refusal.Invalid("to", $"{person.Email} is the one on whose behalf the agent asks, and the policy forbids approving one's own request.");
        }

        var approvals = JsonText.Read<List<Approval>>(handoff.ApprovalsJson) ?? [];
        if (approvals.Any(a => string.Equals(a.By, person.Email, StringComparison.OrdinalIgnoreCase)))
        {
            throw Refusal.Invalid("to", $"{person.Email} has approved this already; it takes another person.");
        }

        if (handoff.Role is { } role && !colleague.Holds(role, handoff.Agent, team))
        {
            throw Refusal.Invalid("to", $"{person.Email} has not the role {role}, to which this was escalated.");
        }

        return person.Email!;
    }
}
