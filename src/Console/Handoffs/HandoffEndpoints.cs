using System.Text.Json;
using Handrail.Access;
using Handrail.Sessions;
using Handrail.Shell;

namespace Handrail.Handoffs;

/// <summary>The queue and its decisions; and how an agent asks a person.</summary>
public static class HandoffEndpoints
{
    private const int DefaultPage = 50;

    public static void MapHandoffs(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/sessions/{sessionId}/handoffs", AskAsync).RequireAuthorization(Doors.Agents).WithTags("Asking a person");
        routes.MapGet("/api/v1/handoffs/{id}", OneAsync).RequireAuthorization(Doors.Either).WithTags("Handoffs");

        var people = routes.MapGroup("/api/v1/handoffs").RequireAuthorization(Doors.People).WithTags("Handoffs");
        people.MapGet("", ListAsync);
        people.MapGet("/{id}/similar", async (string id, HttpContext context, SimilarQueries similar, CancellationToken cancel) =>
            Results.Ok(await similar.ReadAsync(context.Caller(), id, cancel)));
        people.MapPost("/{id}/claim", (string id, HttpContext context, ClaimHandoff claim, CancellationToken cancel) => ClaimAsync(id, false, context, claim, cancel));
        people.MapPost("/{id}/release", (string id, HttpContext context, ClaimHandoff claim, CancellationToken cancel) => ClaimAsync(id, true, context, claim, cancel));
        people.MapPost("/{id}/delegate", DelegateAsync);
        people.MapPost("/{id}/snooze", SnoozeAsync);
        people.MapPost("/{id}/wake", (string id, HttpContext context, SnoozeHandoff snooze, CancellationToken cancel) => SnoozedAsync(id, null, context, snooze, cancel));
        people.MapPost("/{id}/approve", ApproveAsync);
        people.MapPost("/{id}/reject", RejectAsync);
        people.MapPost("/{id}/answer", AnswerAsync);
        people.MapPost("/{id}/take-over", TakeOverAsync);
    }

    private static async Task<IResult> AskAsync(string sessionId, HttpContext context, AskPerson command, ControlHeaders headers, CancellationToken cancel)
    {
        Names.Check("session_id", sessionId);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var kind = body.Word("kind", "question", "escalation");
        if (kind is null && !body.Has("kind"))
        {
            body.Wrong("kind", "is required.");
        }

        var request = new PersonRequest
        {
            HandoffId = Names.Check(body, "handoff_id", required: false) ?? $"h-{Guid.CreateVersion7():n}",
            Agent = Names.Check(body, "agent", required: true)!,
            Kind = kind == "escalation" ? HandoffKind.Escalation : HandoffKind.Question,
            Summary = body.RequiredText("summary"),
            Detail = body.Text("detail", 20_000),
            User = body.Text("user", 200),
            OptionsJson = Options(body),
            AnswerSchemaJson = body.Object("answer_schema")?.GetRawText(),
            Confidence = (double?)body.Number("confidence", 0, 1),
            Digest = body.Digest(),
        };
        body.Done();
        var handoff = await command.HandleAsync(context.Caller(), sessionId, request, cancel);
        await headers.WriteAsync(context, handoff.SessionId, request.Agent, cancel);
        return Results.Ok(handoff);
    }

    private static string? Options(RequestBody body)
    {
        foreach (var option in body.Objects("options", 50))
        {
            option.RequiredText("id", 200);
            option.RequiredText("label", 400);
        }

        return body.Array("options")?.GetRawText();
    }

    private static async Task<IResult> OneAsync(string id, string? wait, HttpContext context, HandoffQueries queries, ControlHeaders headers, CancellationToken cancel)
    {
        var handoff = await queries.WaitAsync(context.Caller(), id, Query.Wait(wait), cancel);
        context.Response.Headers.ETag = $"\"{handoff.Version}\"";
        await headers.WriteAsync(context, handoff.SessionId, handoff.Agent, cancel);
        return Results.Ok(handoff);
    }

    private static async Task<IResult> ListAsync(
        string? status, string? agent, string? kind, string? mine, string? session, string? cursor, string? limit,
        string? user, HttpContext context, HandoffQueries queries, CancellationToken cancel)
    {
        var filter = new HandoffFilter
        {
            Status = Query.Word<HandoffStatus>("status", status),
            Agent = agent,
            Kind = Query.Word<HandoffKind>("kind", kind),
            Mine = Query.Flag("mine", mine),
            SessionId = session,
            User = user,
        };
        var page = await queries.ListAsync(context.Caller(), filter, cursor, (int)Query.Integer("limit", limit, DefaultPage, 1, HandoffQueries.MostPerPage), cancel);
        return Results.Ok(page);
    }

    private static async Task<IResult> ClaimAsync(string id, bool release, HttpContext context, ClaimHandoff claim, CancellationToken cancel) =>
        Results.Ok(await claim.HandleAsync(context.Caller(), id, release, cancel));

    private static async Task<IResult> DelegateAsync(string id, HttpContext context, DelegateHandoff command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        if (!body.Content.TryGetProperty("to", out _))
        {
            body.Wrong("to", "is required: an e-mail address, or null to take the delegation back.");
        }

        var (to, note) = (body.Text("to", 254), body.Text("note", 2_000));
        body.Done();
        return Results.Ok(await command.HandleAsync(context.Caller(), id, to, note, cancel));
    }

    private static async Task<IResult> SnoozeAsync(string id, HttpContext context, SnoozeHandoff command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var until = body.Time("until");
        if (until is null && !body.Has("until"))
        {
            body.Wrong("until", "is required.");
        }

        body.Done();
        return await SnoozedAsync(id, until, context, command, cancel);
    }

    private static async Task<IResult> SnoozedAsync(string id, DateTimeOffset? until, HttpContext context, SnoozeHandoff command, CancellationToken cancel) =>
        Results.Ok(new { HandoffId = id, SnoozedUntil = await command.HandleAsync(context.Caller(), id, until, cancel) });

    private static async Task<IResult> ApproveAsync(string id, HttpContext context, DecideHandoff command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var decision = new HandoffDecision(DecisionKind.Approve)
        {
            Arguments = body.ComparableObject("arguments"),
            Amount = body.Number("amount", 0, 1_000_000_000_000m),
            Note = body.Text("note"),
        };
        body.Done();
        return await DecideAsync(id, decision, context, command, cancel);
    }

    private static async Task<IResult> RejectAsync(string id, HttpContext context, DecideHandoff command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var decision = new HandoffDecision(DecisionKind.Reject) { Note = body.RequiredText("reason"), ReasonCode = body.Text("reason_code", 100) };
        body.Done();
        return await DecideAsync(id, decision, context, command, cancel);
    }

    private static async Task<IResult> AnswerAsync(string id, HttpContext context, DecideHandoff command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var answer = body.Any("answer");
        if (answer is null)
        {
            body.Wrong("answer", "is required.");
        }

        var decision = new HandoffDecision(DecisionKind.Answer) { Answer = answer, Note = body.Text("note") };
        body.Done();
        return await DecideAsync(id, decision, context, command, cancel);
    }

    private static async Task<IResult> TakeOverAsync(string id, HttpContext context, DecideHandoff command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var decision = new HandoffDecision(DecisionKind.TakeOver) { Note = body.Text("note") ?? body.Text("reason") };
        body.Done();
        return await DecideAsync(id, decision, context, command, cancel);
    }

    private static async Task<IResult> DecideAsync(string id, HandoffDecision decision, HttpContext context, DecideHandoff command, CancellationToken cancel)
    {
        var handoff = await command.HandleAsync(context.Caller(), id, decision, Query.IfMatch(context), cancel);
        context.Response.Headers.ETag = $"\"{handoff.Version}\"";
        return Results.Ok(handoff);
    }
}
