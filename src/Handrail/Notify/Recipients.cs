using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>Whom mail goes to: the addresses as they are named, and of the roles whoever has them now and may see the agent and every other that worked in the session.</summary>
internal static class Recipients
{
    public static async Task<IReadOnlyList<string>> OfAsync(HandrailDb db, ChannelAddress address, Notice notice, CancellationToken cancel)
    {
        var all = new SortedSet<string>(address.To, StringComparer.OrdinalIgnoreCase);
        if (address.ToRoles.Count == 0)
        {
            return [.. all];
        }

        var roles = address.ToRoles.ToList();
        var people = await db.Users.AsNoTracking()
            .Where(p => p.Email != null && (p.LimitedRolesJson != "[]" || db.UserRoles.Any(u => u.UserId == p.Id && db.Roles.Any(r => r.Id == u.RoleId && roles.Contains(r.Name!)))))
            .Select(p => new { Person = p, Roles = db.UserRoles.Where(u => u.UserId == p.Id).Join(db.Roles, u => u.RoleId, r => r.Id, (_, r) => r.Name!).ToList() }).ToListAsync(cancel);
        var known = notice.Agent is not { } agent ? null
            : await db.Agents.AsNoTracking().Where(a => a.Name == agent).Select(a => new { a.Team, a.DataScopesJson }).SingleOrDefaultAsync(cancel);
        var (session, used) = (notice.SessionId, new List<string>(known is null ? [] : [known.DataScopesJson]));
        if (session is not null)
        {
            used.AddRange(await db.Agents.AsNoTracking().Where(a => a.DataScopesJson != "[]" && db.SessionAgents.Any(w => w.SessionId == session && w.Agent == a.Name)).Select(a => a.DataScopesJson).ToListAsync(cancel));
        }

        all.UnionWith(people.Select(p => Caller.Of(p.Person, p.Roles)).Where(p => IsOf(p, roles, notice.Agent, known?.Team) && used.TrueForAll(u => DataScopes.Cover(p.DataScopes, u))).Select(p => p.Name));
        return [.. all];
    }

    /// <summary>Whether somebody has one of the roles for this agent; for what is no agent's, who has it over everything.</summary>
    private static bool IsOf(Caller person, List<string> roles, string? agent, string? team) =>
        roles.Exists(person.Roles.Contains) || (agent is not null && person.LimitedRoles.Any(r => roles.Contains(r.Role) && r.Covers(agent, team)));
}
