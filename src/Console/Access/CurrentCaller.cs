using System.Security.Claims;
using Handrail.Store;
using Microsoft.AspNetCore.Components.Authorization;

namespace Handrail.Access;

/// <summary>The person behind an interactive page: whom its commands and queries are called for.</summary>
public sealed class CurrentCaller(AuthenticationStateProvider authentication, HandrailStore store)
{
    /// <exception cref="Refusal">Nobody is signed in.</exception>
    public async Task<Caller> GetAsync() =>
        (await authentication.GetAuthenticationStateAsync()).User is var user && Of(user) is { } caller
            ? caller with { Address = user.FindFirstValue(Origin.Address), CorrelationId = user.FindFirstValue(Origin.Call) }
            : throw Refusal.NotAllowed("Nobody is signed in any more.");

    /// <summary>The same person, and what they may do to which agent.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<Rights> RightsAsync(CancellationToken cancel) => await store.RightsOfAsync(await GetAsync(), cancel);

    /// <summary>The person whom a sign-in is of; null where nobody is signed in.</summary>
    public static Caller? Of(ClaimsPrincipal user) =>
        user.Identity is { IsAuthenticated: true, Name: { } name } && user.FindFirstValue(ClaimTypes.NameIdentifier) is { } id
            ? new Caller
            {
                Kind = CallerKind.Person, Id = id, Name = name,
                Roles = user.FindAll(ClaimTypes.Role).Select(c => c.Value).ToHashSet(StringComparer.Ordinal),
                LimitedRoles = [.. user.FindAll(PersonClaims.LimitedRole).Select(c => JsonText.Read<LimitedRole>(c.Value)!)],
                DataScopes = [.. user.FindAll(PersonClaims.DataScope).Select(c => c.Value)],
            }
            : null;
}
