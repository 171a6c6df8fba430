using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Audit;

/// <summary>The record, for those who may read it.</summary>
public static class AuditEndpoints
{
    private const int DefaultPage = 50;

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/api/v1/audit").RequireAuthorization(Doors.People).WithTags("Audit");
        audit.MapGet("", async (string? actor, string? act, string? target, string? since, string? until, string? cursor, string? limit,
            HttpContext context, AuditQueries queries, CancellationToken cancel) => Results.Ok(await queries.ListAsync(
                context.Caller(), new AuditFilter(actor, act, target, Query.Time("since", since), Query.Time("until", until)), cursor,
                (int)Query.Integer("limit", limit, DefaultPage, 1, AuditQueries.MostPerPage), cancel)));
        audit.MapGet("/verify", async (HttpContext context, AuditQueries queries, CancellationToken cancel) =>
            Results.Ok(await queries.VerifyAsync(context.Caller(), cancel)));
    }
}
