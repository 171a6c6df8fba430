using System.Text.Json;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Policy;
using Handrail.ReadBack;
using Handrail.Sessions;
using Handrail.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Handrail.Policies;

/// <summary>What rules an agent, read back by agents; layers, published by people.</summary>
public static class PolicyEndpoints
{
    private const int DefaultPage = 50;
    private const int MostPerPage = 200;

    /// <summary>The latest version that an agent has seen, and what it made up for this question: so that it can be told that an older one took its place (<c>5.17 f3Zk…</c>).</summary>
    private const string Seen = "x-handrail-policy-seen";

    private const int LongestNonce = 64;

    public static void MapPolicies(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/agents/{agent}/policy", EffectiveAsync).RequireAuthorization(Doors.Either).WithMetadata(new KeyCheckedWithTheDeed()).WithTags("Policy");
        routes.MapGet("/api/v1/schemas/policy", () => Results.Text(PolicySchema.Json, "application/schema+json")).RequireAuthorization(Doors.Either).WithTags("Policy");

        var people = routes.MapGroup("/api/v1").RequireAuthorization(Doors.People).WithTags("Policy");
        people.MapGet("/budgets", async (string? agent, [FromQuery(Name = "session_id")] string? sessionId, HttpContext context, BudgetQueries queries, CancellationToken cancel) =>
            Results.Ok(new { Items = await queries.ReadAsync(context.Caller(), agent, sessionId, cancel) }));
        MapLayer(people, "/agents/{agent}/policy", "/own", context => Scopes.Agent(Names.Check("agent", (string)context.Request.RouteValues["agent"]!)));
        MapLayer(people, "/fleet/policy", "", _ => Scopes.Fleet);
    }

    private static void MapLayer(RouteGroupBuilder routes, string path, string own, Func<HttpContext, string> scope)
    {
        routes.MapGet(path + own, (HttpContext context, PolicyQueries queries, CancellationToken cancel) => LayerAsync(scope(context), context, queries, cancel));
        routes.MapPut(path + own, (HttpContext context, PublishPolicy publish, CancellationToken cancel) => PublishAsync(scope(context), context, publish, cancel));
        foreach (var under in own.Length == 0 ? [""] : new[] { "", own })
        {
            routes.MapGet(path + under + "/versions", (string? cursor, string? limit, HttpContext context, PolicyQueries queries, CancellationToken cancel) =>
                VersionsAsync(scope(context), cursor, limit, context, queries, cancel));
            routes.MapPost(path + under + "/rollback", (HttpContext context, PublishPolicy publish, CancellationToken cancel) =>
                RollBackAsync(scope(context), context, publish, cancel));
            routes.MapPost(path + under + "/preview", (HttpContext context, PreviewQueries queries, CancellationToken cancel) =>
                PreviewAsync(scope(context), context, queries, cancel));
        }
    }

    private static async Task<IResult> EffectiveAsync(
        string agent, string? wait, HttpContext context, PolicyReadBack readBack, ReportPolicyHeld held, CancellationToken cancel)
    {
        var caller = context.Caller();
        var holds = EntityTagHeaderValue.TryParseList(context.Request.Headers.IfNoneMatch, out var tags) ? [.. tags.Select(t => t.Tag.ToString().Trim('"'))] : Array.Empty<string>();
        var reading = await readBack.ReadAsync(
            caller, agent, holds.FirstOrDefault(), Query.Wait(wait),
            version => caller.Kind == CallerKind.AgentKey ? held.HandleAsync(agent, version, cancel) : Task.CompletedTask, cancel);

        var policy = reading.Policy;
        ControlHeaders.Write(context, reading.State, policy.Version);
        context.Response.Headers[ControlHeaders.BeyondPolicy] = reading.RulesAlone ? "none" : "more";
        context.Response.Headers.ETag = $"\"{policy.Version}\"";
        context.Response.Headers.CacheControl = "no-cache";
        if (holds.Contains(policy.Version) || holds.Contains("*"))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        return Results.Ok(context.Request.Headers[Seen].ToString().Split(' ') is [var text, { Length: > 0 and <= LongestNonce } nonce] && LayerVersions.TryParse(text, out var seen)
            ? await readBack.InPlaceOfAsync(policy, seen, nonce, cancel)
            : policy);
    }

    private static async Task<IResult> LayerAsync(string scope, HttpContext context, PolicyQueries queries, CancellationToken cancel)
    {
        var layer = await queries.LayerAsync(context.Caller(), scope, cancel);
        context.Response.Headers.ETag = $"\"{layer.Version}\"";
        return Results.Ok(new { Scope = scope == Scopes.Fleet ? "fleet" : "agent", layer.Version, layer.Policy });
    }

    private static async Task<IResult> PublishAsync(string scope, HttpContext context, PublishPolicy publish, CancellationToken cancel)
    {
        var caller = context.Caller();
        caller.DemandSomewhere(Permission.EditPolicy);
        if (string.IsNullOrWhiteSpace(context.Request.Headers.IfMatch))
        {
            throw new Refusal(RefusalKind.PreconditionMissing, "Say with If-Match which version you started from, or * for any.");
        }

        var seen = Query.IfMatch(context);
        var body = (await RequestBody.ReadAsync(context.Request, cancel)).Content;

        // A layer as it was read back is taken as well as the bare document: no document has a member of that name.
        var policy = body.TryGetProperty("policy", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : body;
        var reason = context.Request.Headers["x-reason"].ToString();
        var version = await publish.HandleAsync(caller, scope, policy, seen, reason.Length == 0 ? null : reason, cancel);
        context.Response.Headers.ETag = $"\"{version.Version}\"";
        return Results.Ok(new { version.Version });
    }

    private static async Task<IResult> VersionsAsync(string scope, string? cursor, string? limit, HttpContext context, PolicyQueries queries, CancellationToken cancel) =>
        Results.Ok(await queries.VersionsAsync(context.Caller(), scope, cursor, (int)Query.Integer("limit", limit, DefaultPage, 1, MostPerPage), cancel));

    private static async Task<IResult> PreviewAsync(string scope, HttpContext context, PreviewQueries queries, CancellationToken cancel)
    {
        var caller = context.Caller();
        caller.DemandSomewhere(Permission.EditPolicy);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var (policy, since) = (body.Object("policy"), body.Time("since"));
        if (policy is null && !body.Has("policy"))
        {
            body.Wrong("policy", "is required.");
        }

        if (since is null && !body.Has("since"))
        {
            body.Wrong("since", "is required.");
        }

        var question = new PreviewQuestion(since ?? default)
        {
            From = body.Word<Verdict>("from"),
            To = body.Word<Verdict>("to"),
            People = body.Word<PeopleDecision>("people"),
            Cursor = body.Text("cursor", 40),
            Limit = (int)(body.Integer("limit", 1, PreviewQueries.MostListed) ?? DefaultPage),
        };
        body.Done();
        return Results.Ok(await queries.ReadAsync(caller, scope, policy!.Value, question, null, cancel));
    }

    private static async Task<IResult> RollBackAsync(string scope, HttpContext context, PublishPolicy publish, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var version = body.Integer("version", 1, int.MaxValue);
        if (version is null && !body.Has("version"))
        {
            body.Wrong("version", "is required.");
        }

        var reason = body.Text("reason");
        body.Done();
        var published = await publish.RollBackAsync(context.Caller(), scope, (int)version!.Value, reason, Query.IfMatch(context), cancel);
        context.Response.Headers.ETag = $"\"{published.Version}\"";
        return Results.Ok(new { published.Version });
    }
}
