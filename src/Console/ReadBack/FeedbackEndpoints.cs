using Handrail.Access;
using Handrail.Sessions;
using Handrail.Shell;

namespace Handrail.ReadBack;

/// <summary>What reviewers wrote, for an agent's memory.</summary>
public static class FeedbackEndpoints
{
    private const int DefaultPage = 50;

    public static void MapFeedback(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/agents/{agent}/feedback", ListAsync).RequireAuthorization(Doors.Either).WithTags("Reading back")
            .WithSummary("What reviewers wrote on the agent's decisions, oldest first: as proposed, edited and how, rejected and why, answered.");

    private static async Task<IResult> ListAsync(
        string agent, string? since, string? cursor, string? limit, HttpContext context, FeedbackQueries queries, ControlHeaders headers, CancellationToken cancel)
    {
        Names.Check("agent", agent);
        var page = await queries.ListAsync(
            context.Caller(), agent, Query.Time("since", since), cursor, (int)Query.Integer("limit", limit, DefaultPage, 1, FeedbackQueries.MostPerPage), cancel);
        await headers.WriteForAgentAsync(context, agent, cancel);
        return Results.Ok(page);
    }
}
