using System.Text.Json;
using Handrail.Access;
using Handrail.Shell;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>Control of a session, an agent and the fleet; and how an agent hears of it.</summary>
public static class ControlEndpoints
{
    public static void MapControl(this IEndpointRouteBuilder routes)
    {
        var agents = routes.MapGroup("/api/v1/sessions/{sessionId}/control").RequireAuthorization(Doors.Either).WithTags("Control");
        agents.MapGet("", ReadAsync).WithMetadata(new OpenWithoutDatabase());
        agents.MapPost("/ack", AcknowledgeAsync);

        var people = routes.MapGroup("/api/v1").RequireAuthorization(Doors.People).WithTags("Control");
        foreach (var kind in new[] { ControlKind.Pause, ControlKind.Stop })
        {
            people.MapPost($"/sessions/{{sessionId}}/{kind.Text()}", (string sessionId, HttpContext context, Brake brake, CancellationToken cancel) =>
                BrakeSessionAsync(sessionId, kind, context, brake, cancel)).WithMetadata(new OpenWithoutDatabase(), new NeverLimited());
            people.MapPost($"/agents/{{agent}}/{kind.Text()}", (string agent, HttpContext context, Brake brake, CancellationToken cancel) =>
                BrakeScopeAsync(agent, kind, context, brake, cancel)).WithMetadata(new OpenWithoutDatabase(), new NeverLimited());
            people.MapPost($"/fleet/{kind.Text()}", (HttpContext context, Brake brake, CancellationToken cancel) =>
                BrakeScopeAsync(null, kind, context, brake, cancel)).WithMetadata(new OpenWithoutDatabase(), new NeverLimited());
        }

        foreach (var kind in new[] { ControlKind.Resume, ControlKind.TakeOver, ControlKind.HandBack })
        {
            var word = kind.Text().Replace('_', '-');
            people.MapPost($"/sessions/{{sessionId}}/{word}", (string sessionId, HttpContext context, ControlSession command, CancellationToken cancel) =>
                SessionAsync(sessionId, kind, context, command, cancel));
        }

        people.MapPost("/sessions/{sessionId}/message", MessageAsync);
        people.MapGet("/sessions/{sessionId}/obedience", ObedienceAsync);
        people.MapPost("/sessions/{sessionId}/revoke-key", RevokeKeyAsync).WithMetadata(new NeverLimited());
        people.MapPost("/agents/{agent}/resume", (string agent, HttpContext context, ControlScope command, CancellationToken cancel) => ResumeAsync(agent, context, command, cancel));
        people.MapPost("/fleet/resume", (HttpContext context, ControlScope command, CancellationToken cancel) => ResumeAsync(null, context, command, cancel));

        people.MapGet("/sessions/{sessionId}/stop/reach", async (string sessionId, HttpContext context, ControlSession command, CancellationToken cancel) =>
            Results.Ok(await command.ReachAsync(context.Caller(), sessionId, cancel)));
        people.MapGet("/agents/{agent}/stop/reach", async (string agent, HttpContext context, ControlScope command, CancellationToken cancel) =>
            Results.Ok(await command.ReachAsync(context.Caller(), agent, cancel)));
        people.MapGet("/fleet/stop/reach", async (HttpContext context, ControlScope command, CancellationToken cancel) =>
            Results.Ok(await command.ReachAsync(context.Caller(), null, cancel)));
        people.MapGet("/fleet/disabled", async (HttpContext context, ControlQueries queries, CancellationToken cancel) =>
            Results.Ok(new { Items = await queries.SwitchedOffAsync(context.Caller(), cancel) }));
        people.MapPost("/fleet/disable", (HttpContext context, SwitchOff command, CancellationToken cancel) => SwitchAsync(true, context, command, cancel)).WithMetadata(new NeverLimited());
        people.MapPost("/fleet/enable", (HttpContext context, SwitchOff command, CancellationToken cancel) => SwitchAsync(false, context, command, cancel));
    }

    private static async Task<IResult> ReadAsync(
        string sessionId, string? after, string? wait, HttpContext context, ControlQueries queries, ControlHeaders headers, Heartbeats heartbeats, CancellationToken cancel)
    {
        var reading = await queries.WaitAsync(context.Caller(), sessionId, Query.Integer("after", after, 0), Query.Wait(wait), cancel);
        heartbeats.Note(context.Caller(), reading.SessionId);
        await headers.WriteAsync(context, reading.SessionId, null, cancel);
        return Results.Ok(new
        {
            reading.State,
            reading.Seq,
            Commands = reading.Commands.Select(c => new { c.Seq, c.Kind, c.Reason, c.By, c.At, Payload = JsonText.Element(c.PayloadJson) }),
            reading.Disabled,
        });
    }

    private static async Task<IResult> AcknowledgeAsync(string sessionId, HttpContext context, AcknowledgeControl command, ControlHeaders headers, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var seq = body.Integer("seq", 1, long.MaxValue);
        if (seq is null && !body.Has("seq"))
        {
            body.Wrong("seq", "is required.");
        }

        body.Done();
        var session = await command.HandleAsync(context.Caller(), sessionId, seq!.Value, cancel);
        await headers.WriteAsync(context, session.Id, session.Agent, cancel);
        return Results.Ok(SessionAnswer.Of(session));
    }

    private static async Task<IResult> SessionAsync(string sessionId, ControlKind kind, HttpContext context, ControlSession command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var (reason, note) = (body.Text("reason"), body.Text("note"));
        body.Done();
        return Results.Ok(SessionAnswer.Of(await command.HandleAsync(context.Caller(), sessionId, kind, reason, note, Query.IfMatch(context), cancel)));
    }

    private static async Task<IResult> MessageAsync(string sessionId, HttpContext context, ControlSession command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var (text, to) = (body.RequiredText("text", 20_000), body.Word("to", "user", "agent"));
        body.Done();
        var session = await command.WriteAsync(context.Caller(), sessionId, text, to ?? "agent", Query.IfMatch(context), cancel);
        return Results.Ok(SessionAnswer.Of(session));
    }

    private static async Task<IResult> ObedienceAsync(string sessionId, HttpContext context, ObedienceQueries queries, CancellationToken cancel)
    {
        var unobeyed = await queries.OneAsync(context.Caller(), sessionId, cancel);
        return Results.Ok(new
        {
            Obeys = unobeyed is null,
            Order = unobeyed is null ? null : new { unobeyed.Seq, unobeyed.Scope, unobeyed.Kind, unobeyed.Reason, unobeyed.By, unobeyed.Since, unobeyed.DeliveredAt },
            SentSince = unobeyed is null ? null : new
            {
                unobeyed.Sent.Steps, unobeyed.Sent.LlmCalls, unobeyed.Sent.ToolCalls, CostUsd = unobeyed.Sent.CostNanos / 1_000_000_000m, unobeyed.Sent.Asked, unobeyed.LastHeardAt,
            },
            unobeyed?.Owner,
            Keys = unobeyed?.Keys ?? [],
        });
    }

    private static async Task<IResult> RevokeKeyAsync(string sessionId, HttpContext context, RevokeSessionKey command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var (key, reason) = (body.RequiredText("key_id"), body.RequiredText("reason"));
        body.Done();
        await command.HandleAsync(context.Caller(), sessionId, key, reason, cancel);
        return Results.Ok(new { KeyId = key, Revoked = true });
    }

    private static async Task<IResult> ResumeAsync(string? agent, HttpContext context, ControlScope command, CancellationToken cancel) =>
        Ordered(await command.HandleAsync(context.Caller(), agent, ControlKind.Resume, await ReasonAsync(context, cancel), cancel));

    private static async Task<IResult> BrakeSessionAsync(string sessionId, ControlKind kind, HttpContext context, Brake brake, CancellationToken cancel)
    {
        Names.Check("session_id", sessionId);
        var result = await brake.SessionAsync(context.Caller(), sessionId, kind, await ReasonAsync(context, cancel), Query.IfMatch(context));
        return result.Written is { } session ? Results.Ok(SessionAnswer.Of(session)) : Latched(result.Latched!);
    }

    private static async Task<IResult> BrakeScopeAsync(string? agent, ControlKind kind, HttpContext context, Brake brake, CancellationToken cancel)
    {
        if (agent is not null)
        {
            Names.Check("agent", agent);
        }

        var result = await brake.ScopeAsync(context.Caller(), agent, kind, await ReasonAsync(context, cancel));
        return result.Written is { } control ? Ordered(control) : Latched(result.Latched!);
    }

    private static async Task<string?> ReasonAsync(HttpContext context, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var reason = body.Text("reason");
        body.Text("note");
        body.Done();
        return reason;
    }

    private static IResult Ordered(ScopeControl control) => Results.Ok(new { control.Scope, control.State, control.Reason, control.By, control.Since });

    /// <summary>Accepted, and said how far: agents that talk to this process hear of it, the record does not have it yet.</summary>
    private static IResult Latched(LatchedOrder order) => Results.Json(
        new { order.Scope, order.SessionId, order.State, order.Reason, By = order.By.Name, Since = order.At, Latched = true, Detail = OrderWords.Latched }, JsonText.Options, statusCode: StatusCodes.Status202Accepted);

    private static async Task<IResult> SwitchAsync(bool off, HttpContext context, SwitchOff command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var (tool, type, reason) = (body.Text(SwitchOff.Tool, SwitchOff.LongestName), body.Text(SwitchOff.Type, SwitchOff.LongestName), body.RequiredText("reason"));
        if (tool is null == type is null)
        {
            body.Wrong("tool", "Name either a tool or a type.");
        }

        body.Done();
        await command.HandleAsync(context.Caller(), tool is null ? SwitchOff.Type : SwitchOff.Tool, (tool ?? type)!, reason, off, cancel);
        return Results.Ok(new { Tool = tool, Type = type, Enabled = !off });
    }
}
