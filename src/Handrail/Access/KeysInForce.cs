using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>Asks in a deed's own transaction whether the keys that it was begun with still hold (<see cref="KeyCheckedWithTheDeed"/>).</summary>
internal static class KeysInForce
{
    /// <summary>The callers whose agent key holds, and all that are no agent keys.</summary>
    public static async Task<HashSet<string>> OfAsync(HandrailDb db, IEnumerable<Caller> callers, DateTimeOffset now, CancellationToken cancel)
    {
        var all = callers.DistinctBy(c => c.Id).ToList();
        var asked = all.Where(c => c.Kind == CallerKind.AgentKey).Select(c => c.Id).ToList();
        var good = await db.AgentKeys.Where(k => asked.Contains(k.Id) && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now)).Select(k => k.Id).ToListAsync(cancel);
        return [.. good, .. all.Where(c => c.Kind != CallerKind.AgentKey).Select(c => c.Id)];
    }

    /// <exception cref="Refusal">The caller's key was revoked or has run out.</exception>
    public static async Task DemandAsync(HandrailDb db, Caller caller, DateTimeOffset now, CancellationToken cancel)
    {
        if (!(await OfAsync(db, [caller], now, cancel)).Contains(caller.Id))
        {
            throw Gone();
        }
    }

    public static Refusal Gone() => new(RefusalKind.Unknown, "The key is unknown, expired or revoked.");
}
