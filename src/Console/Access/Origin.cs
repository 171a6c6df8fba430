using System.Security.Claims;

namespace Handrail.Access;

/// <summary>
/// Where the connection of a page comes from. What is done on a page is done over a circuit, which knows no request: who is signed in carries along the address and the
/// id of the request that opened it, for the audit trail.
/// </summary>
public static class Origin
{
    public const string Address = "handrail:address";

    public const string Call = "handrail:call";

    public static void UseOrigin(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.User.Identity is { IsAuthenticated: true })
        {
            // An identity that proves nothing and is in no cookie.
            var origin = new ClaimsIdentity([new Claim(Call, context.TraceIdentifier)]);
            if (context.Connection.RemoteIpAddress is { } address)
            {
                origin.AddClaim(new Claim(Address, address.ToString()));
            }

            context.User.AddIdentity(origin);
        }

        return next();
    });
}
