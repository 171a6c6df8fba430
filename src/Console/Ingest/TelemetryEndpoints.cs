using Handrail.Access;
using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>How telemetry was read, for whoever wonders why a figure is missing.</summary>
public static class TelemetryEndpoints
{
    public static void MapTelemetry(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/v1/telemetry/senders", async (HttpContext context, MappingCoverage coverage, CancellationToken cancel) => Results.Ok(new
        {
            Items = (await coverage.ListAsync(context.Caller(), cancel)).Select(s => new
            {
                s.Team,
                s.Service,
                s.Sdk,
                s.SdkVersion,
                s.FirstSeenAt,
                s.LastSeenAt,
                s.Coverage,
                Missing = SenderLook.Missing(s.Coverage).Select(f => new { Field = f, LookedFor = CoverageFields.LookedFor(f) }),
            }),
        }))
        .RequireAuthorization(Doors.People).WithTags("Telemetry");
}
