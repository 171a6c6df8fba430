using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace Handrail.Access;

/// <summary>The person behind an interactive page: whom its commands and queries are called for.</summary>
public sealed class CurrentCaller(AuthenticationStateProvider authentication)
{
    /// <exception cref="Refusal">Nobody is signed in.</exception>
    public async Task<Caller> GetAsync()
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        if (user.Identity is not { IsAuthenticated: true, Name: { } name } || user.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id)
        {
            throw Refusal.NotAllowed("Nobody is signed in any more.");
        }

        return new Caller { Kind = CallerKind.Person, Id = id, Name = name, Roles = user.FindAll(ClaimTypes.Role).Select(c => c.Value).ToHashSet(StringComparer.Ordinal) };
    }
}
