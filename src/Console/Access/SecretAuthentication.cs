using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Handrail.Shell;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Handrail.Access;

/// <summary>
/// Agent keys and personal tokens: <c>Authorization: Bearer</c>, <c>x-api-key</c>, and Basic with the secret as the password, as
/// some exporters send it. On a hub alone also <c>access_token</c> in the query: what can set no header on a WebSocket has no other way;
/// the log of requested addresses is off for that, whatever else of ASP.NET Core is logged (<c>appsettings.json</c>).
/// </summary>
public sealed class SecretAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, IdentifyCaller identify, CallLimits limits, RefusedKeys refused)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Secret";

    public const string KindClaim = "handrail:kind";

    /// <summary>No secret of ours is longer; a longer one is not even hashed.</summary>
    private const int Longest = 512;

    /// <summary>One for as long as a caller is known: a key's thousand open connections share it.</summary>
    private static readonly ConditionalWeakTable<Caller, ClaimsPrincipal> Known = [];

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Secret() is not { Length: > 0 and <= Longest } secret)
        {
            return AuthenticateResult.NoResult();
        }

        var stops = Context.GetEndpoint()?.Metadata.GetMetadata<NeverLimited>() is not null;
        if (!stops && limits.TryKey(Context) is { } later && !identify.Knows(secret))
        {
            return AuthenticateResult.Fail(later);
        }

        var checkedAgain = Context.GetEndpoint()?.Metadata.GetMetadata<KeyCheckedWithTheDeed>() is not null;
        var identified = Context.GetEndpoint()?.Metadata.GetMetadata<OpenWithoutDatabase>() is null
            ? identify.HandleAsync(secret, checkedAgain, Context.RequestAborted)
            : identify.EvenWithoutDatabaseAsync(secret, checkedAgain, Context.RequestAborted);
        if (await identified is not { } caller)
        {
            limits.CountUnknownKey(Context);
            return AuthenticateResult.Fail("The key is unknown, expired or revoked.");
        }

        if (!(stops && caller.Kind == CallerKind.Person) && limits.Call(caller.Id) is { } tooMany)
        {
            return AuthenticateResult.Fail(tooMany);
        }

        var principal = Known.GetValue(caller, Principal);
        caller = caller with { Address = Context.Connection.RemoteIpAddress?.ToString(), CorrelationId = Context.TraceIdentifier };
        Context.SetCaller(caller);
        return AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
    }

    private static ClaimsPrincipal Principal(Caller caller) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.NameIdentifier, caller.Id), new Claim(ClaimTypes.Name, caller.Name), new Claim(KindClaim, caller.Kind.ToString())], SchemeName));

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if ((await HandleAuthenticateOnceSafeAsync()).Failure is Refusal later)
        {
            await Problems.WriteAsync(Context, Problems.Status(later.Kind), later.Message, retryAfter: later.RetryAfter);
            return;
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        await Problems.WriteAsync(Context, StatusCodes.Status401Unauthorized, "Give an agent key or a personal token that is valid, as 'Authorization: Bearer …'.");
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        const string why = "This kind of key has no right to this call.";
        await refused.NoteAsync(Context, Context.GetEndpoint(), why);
        await Problems.WriteAsync(Context, StatusCodes.Status403Forbidden, why);
    }

    private string? Secret()
    {
        string? header = Request.Headers.Authorization;
        if (header is null)
        {
            string? key = Request.Headers["x-api-key"];
            return key is null && Request.Path.StartsWithSegments("/hubs") ? Request.Query["access_token"] : key;
        }

        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return header["Bearer ".Length..].Trim();
        }

        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), buffer, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(buffer, 0, length);
        return pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }
}
