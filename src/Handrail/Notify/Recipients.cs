using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>Whom mail goes to: the addresses as they are named, and of the roles whoever has them now and may see the agent.</summary>
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
            .Where(p => p.Email != null && db.UserRoles.Any(u => u.UserId == p.Id && db.Roles.Any(r => r.Id == u.RoleId && roles.Contains(r.Name!))))
            .Select(p => new { p.Email, p.DataScopesJson }).ToListAsync(cancel);
        var needed = notice.Agent is not { } agent ? []
            : JsonText.Read<List<string>>(await db.Agents.AsNoTracking().Where(a => a.Name == agent).Select(a => a.DataScopesJson).SingleOrDefaultAsync(cancel)) ?? [];
        all.UnionWith(people.Where(p => needed.Count == 0 || needed.TrueForAll((JsonText.Read<List<string>>(p.DataScopesJson) ?? []).Contains)).Select(p => p.Email!));
        return [.. all];
    }
}
