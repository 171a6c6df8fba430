using Handrail.Access;
using Handrail.Actions;
using Handrail.Sessions;
using Handrail.Shell;

namespace Handrail.Grants;

/// <summary>Whoever carries an action out claims it; whoever checks grants finds the keys.</summary>
public static class GrantEndpoints
{
    private const int LongestClaimId = 200;

    public static void AddGrants(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton((builder.Configuration.GetSection("Grants").Get<GrantSettings>() ?? new GrantSettings()).Checked());
        builder.Services.AddSingleton<GrantKeys>().AddSingleton<GrantTokens>().AddSingleton<ClaimAction>().AddSingleton<SettleExecutions>();
        builder.Services.AddHostedService<ExecutionWatch>();
    }

    public static void MapGrants(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/.well-known/jwks.json", KeysAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/api/v1/grants/redeem", RedeemAsync).RequireAuthorization(Doors.Agents).WithTags("Gate");
        routes.MapPost("/api/v1/sessions/{sessionId}/actions/{actionId}/claim", ClaimAsync).RequireAuthorization(Doors.Agents).WithTags("Gate");
        routes.MapPost("/api/v1/grants/keys/rotate", RotateAsync).RequireAuthorization(Doors.People).WithTags("Administration");
    }

    private static async Task<IResult> KeysAsync(HttpContext context, GrantKeys keys, CancellationToken cancel)
    {
        var list = await keys.ListAsync(cancel);
        context.Response.Headers.CacheControl = FormattableString.Invariant($"public, max-age={(int)GrantKeys.ListedFor.TotalSeconds}");
        return Results.Ok(new { Keys = list });
    }

    private static async Task<IResult> RedeemAsync(HttpContext context, ClaimAction command, ControlHeaders headers, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var (grant, claimId) = (body.RequiredText("grant", GrantTokens.Longest), ClaimId(body));
        body.Done();
        return await ClaimedAsync(context, await command.RedeemAsync(context.Caller(), grant, claimId, cancel), headers, cancel);
    }

    private static async Task<IResult> ClaimAsync(string sessionId, string actionId, HttpContext context, ClaimAction command, ControlHeaders headers, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var claimId = ClaimId(body);
        body.Done();
        return await ClaimedAsync(context, await command.HandleAsync(context.Caller(), sessionId, actionId, claimId, cancel), headers, cancel);
    }

    private static string? ClaimId(RequestBody body) => body.Text("claim_id", LongestClaimId);

    private static async Task<IResult> ClaimedAsync(HttpContext context, GatedAction action, ControlHeaders headers, CancellationToken cancel)
    {
        await headers.WriteAsync(context, action.SessionId, action.Agent, cancel);
        return Results.Ok(ClaimAnswer.Of(action));
    }

    private static async Task<IResult> RotateAsync(HttpContext context, GrantKeys keys, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var (distrust, reason) = (body.Flag("distrust_others"), body.Text("reason"));
        body.Done();
        return Results.Ok(new { Kid = await keys.RotateAsync(context.Caller(), distrust ?? false, reason, cancel) });
    }
}
