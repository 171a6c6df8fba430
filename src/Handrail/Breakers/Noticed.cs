using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>A session that something was just committed of, as it stands since.</summary>
/// <param name="Session">Its row; nobody changes it any more.</param>
/// <param name="Versions">The policies in force for its agent.</param>
internal readonly record struct Noticed(Session Session, LayerVersions Versions, LoopSigns Signs)
{
    /// <summary>These sessions as they are by now, of which nothing more is known: everything about them is to be looked at.</summary>
    public static async Task<IReadOnlyList<Noticed>> OfAsync(HandrailDb db, IQueryable<Session> sessions, CancellationToken cancel)
    {
        var rows = await sessions.AsNoTracking().ToListAsync(cancel);
        var scopes = rows.Select(s => Scopes.Agent(s.Agent)).Append(Scopes.Fleet).Distinct(StringComparer.Ordinal).ToList();
        var heads = await db.PolicyHeads.AsNoTracking().Where(h => scopes.Contains(h.Scope)).ToDictionaryAsync(h => h.Scope, h => h.Version, StringComparer.Ordinal, cancel);
        return !heads.TryGetValue(Scopes.Fleet, out var fleet)
            ? []
            : rows.ConvertAll(s => new Noticed(
                s, new LayerVersions(fleet, heads.GetValueOrDefault(Scopes.Agent(s.Agent))), LoopSigns.Repeats | LoopSigns.HandsOver | LoopSigns.Fails));
    }

    /// <summary>The sessions that were heard of lately, the newest first.</summary>
    public static Task<IReadOnlyList<Noticed>> LatelyAsync(HandrailDb db, DateTimeOffset since, int most, CancellationToken cancel) =>
        OfAsync(db, db.Sessions.Where(s => s.LastActivityAt >= since && s.EndedAt == null && s.MovedTo == null).OrderByDescending(s => s.LastActivityAt).Take(most), cancel);
}
