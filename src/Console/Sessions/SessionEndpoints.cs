using Handrail.Access;
using Handrail.Audit;
using Handrail.Shell;
using Microsoft.AspNetCore.Mvc;

namespace Handrail.Sessions;

/// <summary>Sessions: what agents say of theirs, and what both agents and people read.</summary>
public static class SessionEndpoints
{
    private const int PerPage = 50;
    private const int StepsPerPage = 200;
    private const int MostMessages = 500;
    private const int LongestMessage = 100_000;

    /// <summary>Of one call with messages: many long ones, and not all of the longest.</summary>
    private const int MostMessageBytes = 16 * 1024 * 1024;

    /// <summary>The largest figure a session may report: beyond it, it is a mistake.</summary>
    private const decimal LargestFigure = 1_000_000_000_000m;

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/api/v1/sessions").WithTags("Sessions");
        sessions.MapGet("", ListAsync).RequireAuthorization(Doors.Either);
        sessions.MapGet("/{sessionId}", OneAsync).RequireAuthorization(Doors.Either);
        sessions.MapGet("/{sessionId}/steps", StepsAsync).RequireAuthorization(Doors.Either);
        routes.MapGet("/api/v1/export/sessions.csv", ExportAsync).RequireAuthorization(Doors.Files).WithTags("Sessions");
        sessions.MapPut("/{sessionId}", AnnotateAsync).RequireAuthorization(Doors.Agents);
        sessions.MapPost("/{sessionId}/messages", MessagesAsync).RequireAuthorization(Doors.Agents).WithMetadata(new RequestSizeLimitAttribute(MostMessageBytes));
        sessions.MapPost("/{sessionId}/end", EndAsync).RequireAuthorization(Doors.Either);
    }

    private static async Task<IResult> ListAsync(
        string? state, string? activity, string? agent, string? q, string? since, string? until, [FromQuery(Name = "min_cost")] string? minCost, string? sort, string? order, string? cursor, string? limit, string? user, string? mark,
        HttpContext context, SessionQueries queries, CancellationToken cancel)
    {
        var filter = new SessionFilter
        {
            User = user,
            Mark = Query.Word<SessionMark>("mark", mark),
            States = Words<SessionState>("state", state),
            Activities = Words<SessionActivity>("activity", activity),
            Agent = agent,
            Text = q,
            Since = Query.Time("since", since),
            Until = Query.Time("until", until),
            MinCostUsd = Query.Number("min_cost", minCost),
        };
        var by = new SessionOrder(Query.Word<SessionSort>("sort", sort?.TrimStart('-')) ?? SessionSort.LastActivityAt, IsAscending(order));
        var page = await queries.ListAsync(context.Caller(), filter, by, cursor, (int)Query.Integer("limit", limit, PerPage, 1, SessionQueries.MostPerPage), cancel);
        return Results.Ok(page);
    }

    private static T[] Words<T>(string name, string? given)
        where T : struct, Enum =>
        [.. (given ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(w => Query.Word<T>(name, w)!.Value)];

    /// <exception cref="Refusal">The word is neither <c>asc</c> nor <c>desc</c>.</exception>
    private static bool IsAscending(string? order) => order switch
    {
        null or "desc" => false,
        SessionQuery.Ascending => true,
        _ => throw Refusal.Invalid("order", "must be one of asc, desc."),
    };

    /// <summary>The view of the Sessions page as CSV: its address's query is the call's.</summary>
    private static async Task<IResult> ExportAsync(
        string? state, string? agent, string? q, string? since, [FromQuery(Name = "min_cost")] string? minCost, string? sort, string? order, string? user, string? mark,
        HttpContext context, SessionQueries queries, RecordExport record, TimeProvider time, CancellationToken cancel)
    {
        var caller = context.Caller();
        caller.DemandSomewhere(Permission.View);
        var filter = SessionQuery.Read(state, agent, q, since, minCost, user, mark, time.GetUtcNow());
        await record.HandleAsync(caller, "sessions", filter, cancel);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Stream(
            to => SessionExport.WriteAsync(to, caller, queries, filter, SessionQuery.Order(sort, order), context.RequestAborted),
            "text/csv; charset=utf-8", $"sessions-{time.GetUtcNow():yyyyMMdd-HHmmss}.csv");
    }

    private static async Task<IResult> OneAsync(string sessionId, string? until, HttpContext context, SessionQueries queries, ControlHeaders headers, CancellationToken cancel)
    {
        var session = await queries.OneAsync(context.Caller(), sessionId, Query.Time("until", until), cancel);
        context.Response.Headers.ETag = FormattableString.Invariant($"\"{session.Version}\"");
        await TellAsync(context, headers, session, cancel);
        return Results.Ok(session);
    }

    private static async Task<IResult> StepsAsync(
        string sessionId, string? until, string? cursor, string? limit, HttpContext context, StepQueries queries, ControlHeaders headers, CancellationToken cancel)
    {
        var page = await queries.ListAsync(
            context.Caller(), sessionId, Query.Time("until", until), cursor, (int)Query.Integer("limit", limit, StepsPerPage, 1, StepQueries.MostPerPage), cancel);
        if (context.Caller().Kind == CallerKind.AgentKey)
        {
            await headers.WriteAsync(context, sessionId, null, cancel);
        }

        return Results.Ok(page);
    }

    private static async Task<IResult> AnnotateAsync(
        string sessionId, HttpContext context, AnnotateSession command, SessionQueries queries, ControlHeaders headers, CancellationToken cancel)
    {
        Names.Check("session_id", sessionId);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var note = new SessionNote
        {
            Agent = Names.Check(body, "agent", required: false),
            AgentVersion = body.Text("agent_version", Names.Longest),
            User = body.Text("user", Names.Longest),
            Title = body.Text("title", 500),
            ParentSessionId = Names.Check(body, "parent_session_id", required: false),
            MetadataJson = body.Object("metadata")?.GetRawText(),
        };
        body.Done();
        var id = await command.HandleAsync(context.Caller(), sessionId, note, cancel);
        var session = await queries.OneAsync(context.Caller(), id, cancel);
        await TellAsync(context, headers, session, cancel);
        return Results.Ok(session);
    }

    private static async Task<IResult> MessagesAsync(
        string sessionId, HttpContext context, AddMessages command, ControlHeaders headers, TimeProvider time, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        if (!body.Has("messages"))
        {
            body.Wrong("messages", "is required.");
        }

        var lines = body.Objects("messages", MostMessages).Select(m => new TranscriptLine(
            Names.Check(m, "id", required: true)!, Role(m), m.RequiredText("text", LongestMessage), m.Time("at") ?? time.GetUtcNow())).ToList();
        body.Done();
        var receipt = await command.HandleAsync(context.Caller(), sessionId, lines, cancel);
        await headers.WriteAsync(context, receipt.SessionId, null, cancel);
        return Results.Ok(receipt);
    }

    private static string Role(RequestBody message)
    {
        if (!message.Has("role"))
        {
            message.Wrong("role", "is required.");
        }

        return message.Word("role", "user", "assistant", "tool", "operator") ?? "";
    }

    private static async Task<IResult> EndAsync(
        string sessionId, HttpContext context, EndSession command, SessionQueries queries, ControlHeaders headers, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        if (!body.Has("outcome"))
        {
            body.Wrong("outcome", "is required.");
        }

        var outcome = body.Word("outcome", "completed", "failed", "abandoned");
        var end = new SessionEnd(outcome ?? "")
        {
            Summary = body.Text("summary", 20_000),
            Value = body.Part("value") is { } value ? new SessionValue(Required(value, "amount", null), RequiredCurrency(value)) : null,
            Units = body.Part("units") is { } units ? new SessionUnits(units.RequiredText("name", Names.Longest), Required(units, "count", 0)) : null,
        };
        body.Done();
        var id = await command.HandleAsync(context.Caller(), sessionId, end, cancel);
        var session = await queries.OneAsync(context.Caller(), id, cancel);
        await TellAsync(context, headers, session, cancel);
        return Results.Ok(session);
    }

    private static decimal Required(RequestBody part, string member, decimal? least)
    {
        if (!part.Has(member))
        {
            part.Wrong(member, "is required.");
        }

        return part.Number(member, least ?? -LargestFigure, LargestFigure) ?? 0;
    }

    private static string RequiredCurrency(RequestBody part)
    {
        if (!part.Has("currency"))
        {
            part.Wrong("currency", "is required.");
        }

        return part.Currency("currency") ?? "";
    }

    private static Task TellAsync(HttpContext context, ControlHeaders headers, SessionReading session, CancellationToken cancel) =>
        context.Caller().Kind == CallerKind.AgentKey ? headers.WriteAsync(context, session.SessionId, session.Agent, cancel) : Task.CompletedTask;
}
