using System.Globalization;
using Handrail.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>
/// Sign-ins that a person has ended while their cookie would hold for hours still: whoever has got hold of a copy of it is refused. They are kept with what the
/// person signed in by, and for as long as a cookie may hold.
/// </summary>
public static class EndedSignIns
{
    private const string Provider = "handrail:ended";

    /// <summary>How long a cookie holds from the last click on: a working day.</summary>
    public static readonly TimeSpan SignedInFor = TimeSpan.FromHours(10);

    public static Task<bool> HasAsync(HandrailDb db, string? personId, string? signInId, CancellationToken cancel) =>
        db.UserTokens.AnyAsync(t => t.UserId == personId && t.LoginProvider == Provider && t.Name == signInId, cancel);

    internal static async Task AddAsync(UnitOfWork unit, string personId, string signInId, CancellationToken cancel)
    {
        var ended = await unit.Db.UserTokens.Where(t => t.UserId == personId && t.LoginProvider == Provider).ToListAsync(cancel);
        unit.Db.UserTokens.RemoveRange(ended.Where(t => t.Name != signInId && (!DateTimeOffset.TryParse(t.Value, CultureInfo.InvariantCulture, out var until) || until <= unit.Now)));
        if (ended.Exists(t => t.Name == signInId))
        {
            return;
        }

        unit.Db.UserTokens.Add(new IdentityUserToken<string>
        {
            UserId = personId, LoginProvider = Provider, Name = signInId, Value = (unit.Now + SignedInFor).ToString("O", CultureInfo.InvariantCulture),
        });
    }
}
