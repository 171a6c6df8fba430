using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Attention;

/// <summary>How people decide; what they make of an agent's requests; whether cases are planted.</summary>
public static class AttentionEndpoints
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);

    public static void MapAttention(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/agents/{agent}/feedback/shares", async (string agent, string? since, HttpContext context, AttentionQueries queries, TimeProvider time, CancellationToken cancel) =>
            Results.Ok(new { Items = await queries.SharesAsync(context.Caller(), agent, Query.Time("since", since) ?? time.GetUtcNow() - Usual, cancel) }))
            .RequireAuthorization(Doors.Either).WithTags("Reading back");
        var people = routes.MapGroup("/api/v1/attention").RequireAuthorization(Doors.People).WithTags("Attention");
        people.MapGet("", async (string? since, HttpContext context, AttentionQueries queries, TimeProvider time, CancellationToken cancel) =>
            Results.Ok(await queries.ReadAsync(context.Caller(), Query.Time("since", since) ?? time.GetUtcNow() - Usual, cancel)));
        people.MapGet("/planted", async (HttpContext context, PlantCases planted, CancellationToken cancel) =>
            Results.Ok(new { PlantedPerDay = await planted.PerDayAsync(context.Caller(), cancel) }));
        people.MapPut("/planted", SetAsync);
    }

    private static async Task<IResult> SetAsync(HttpContext context, PlantCases planted, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var perDay = body.Integer("planted_per_day", 0, PlantCases.MostPerDay);
        if (perDay is null && !body.Has("planted_per_day"))
        {
            body.Wrong("planted_per_day", "is required.");
        }

        body.Done();
        await planted.SetAsync(context.Caller(), (int)perDay!.Value, cancel);
        return Results.Ok(new { PlantedPerDay = perDay });
    }
}
