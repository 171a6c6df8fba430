using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Notify;

/// <summary>What was sent, what waits, what was given up and is to go again; and the alerts that want a person.</summary>
public static class DeliveryEndpoints
{
    private const int Portion = 50;

    public static void MapDeliveries(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/v1/notifications/deliveries").RequireAuthorization(Doors.People).WithTags("Notifications");
        admin.MapGet("", async (HttpContext context, DeliveryQueries queries, string? status, string? channel, string? kind, string? cursor, string? limit, CancellationToken cancel) =>
            Results.Ok(await queries.ListAsync(
                context.Caller(),
                new DeliveryFilter(Query.Word<DeliveryStatus>("status", status), channel, Query.Word<NoticeKind>("kind", kind)),
                cursor,
                (int)Query.Integer("limit", limit, Portion, 1, DeliveryQueries.MostPerPage),
                cancel)));
        admin.MapGet("/{id}", async (string id, HttpContext context, DeliveryQueries queries, CancellationToken cancel) =>
            Results.Ok(await queries.OneAsync(context.Caller(), id, cancel)));
        admin.MapPost("/{id}/resend", async (string id, HttpContext context, ResendDeliveries resend, DeliveryQueries queries, CancellationToken cancel) =>
        {
            await resend.OneAsync(context.Caller(), id, cancel);
            return Results.Accepted(value: await queries.OneAsync(context.Caller(), id, cancel));
        });
    }

    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        var people = routes.MapGroup("/api/v1/notifications/alerts").RequireAuthorization(Doors.People).WithTags("Notifications");
        people.MapGet("", async (HttpContext context, AlertQueries queries, string? state, string? cursor, string? limit, CancellationToken cancel) =>
            Results.Ok(await queries.ListAsync(
                context.Caller(), state == "all" ? null : Query.Word<AlertState>("state", state), state == "all", cursor,
                (int)Query.Integer("limit", limit, Portion, 1, AlertQueries.MostPerPage), cancel)));
        people.MapGet("/{id}", async (string id, HttpContext context, AlertQueries queries, CancellationToken cancel) =>
            Results.Ok(await queries.OneAsync(context.Caller(), id, cancel)));
        people.MapPost("/{id}/acknowledge", async (string id, HttpContext context, AnswerAlert answer, CancellationToken cancel) =>
            Results.Ok(await answer.AcknowledgeAsync(context.Caller(), id, cancel)));
        people.MapPost("/{id}/resolve", async (string id, HttpContext context, AnswerAlert answer, CancellationToken cancel) =>
            Results.Ok(await answer.ResolveAsync(context.Caller(), id, cancel)));
    }
}
