using Handrail.Access;

namespace Handrail.Agents;

/// <summary>The registry, for people.</summary>
public static class AgentEndpoints
{
    public static void MapAgents(this IEndpointRouteBuilder routes)
    {
        var people = routes.MapGroup("/api/v1/agents").RequireAuthorization(Doors.People).WithTags("Agents");
        people.MapGet("", async (HttpContext context, AgentQueries queries, CancellationToken cancel) =>
            Results.Ok(new { Items = await queries.ListAsync(context.Caller(), cancel), NextCursor = (string?)null }));
        people.MapGet("/{agent}", async (string agent, HttpContext context, AgentQueries queries, CancellationToken cancel) =>
            Results.Ok(await queries.OneAsync(context.Caller(), agent, cancel)));
    }
}
