using System.Diagnostics;
using OpenTelemetry;

namespace Handrail.Health;

/// <summary>
/// Which of the console's spans are sent. Taking telemetry in makes none, neither at its doors nor at the database behind them: two consoles that
/// watch each other would else have something to tell each other for ever.
/// </summary>
internal sealed class ExportedSpans : BaseProcessor<Activity>
{
    private static readonly string[] Untraced =
        ["/v1/traces", "/v1/logs", "/v1/metrics", "/api/public/otel", "/healthz", "/readyz", "/_blazor", "/_framework", "/_content", ReadBack.ReadBackSetup.Hub];

    /// <summary>False for requests that are told of by figures alone.</summary>
    public static bool Traces(HttpContext context)
    {
        var path = context.Request.Path;
        return !Array.Exists(Untraced, u => path.StartsWithSegments(u, StringComparison.Ordinal))
            && path.Value?.StartsWith("/opentelemetry.proto.collector.", StringComparison.Ordinal) != true
            && path.Value?.EndsWith("/events", StringComparison.Ordinal) != true;
    }

    /// <summary>A call to the database that belongs to no request and no job that is sent is the writer's, or the look of somebody who looks every second.</summary>
    public override void OnEnd(Activity data)
    {
        if (data.Kind == ActivityKind.Client && data.Parent is not { Recorded: true })
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
