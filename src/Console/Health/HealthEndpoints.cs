using Handrail.Access;

namespace Handrail.Health;

/// <summary>The console's health for scripts and monitors.</summary>
public static class HealthEndpoints
{
    public static void MapHealthReading(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/v1/health", async (HttpContext context, ConsoleHealth health, CancellationToken cancel) => Results.Ok(Answer(await health.ReadAsync(context.Caller(), cancel))))
        .RequireAuthorization(Doors.People).WithTags("Health").WithSummary("How each part of the console does, and what to do about it. What is of this process says nothing of another.");

    private static object Answer(HealthReading r) => new
    {
        r.State,
        r.At,
        r.Version,
        r.StartedAt,
        r.Checks,
        Ingest = new { BehindSeconds = r.Behind.TotalSeconds, P99Seconds = r.P99?.TotalSeconds, QueuedRecords = r.Queued, r.Stalled },
        r.Rejected,
        Outbox = r.Stored is not { } outbox ? null : new { OldestSince = outbox.Undone, outbox.Undelivered, GivenUpWithinADay = outbox.GivenUp },
        Database = r.Stored is not { } database ? null : new { Bytes = database.DatabaseBytes, database.BytesPerDay, database.FreeBytes, database.FullAt },
        r.Jobs,
        r.Clients,
    };
}
