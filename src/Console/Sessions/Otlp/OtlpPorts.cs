using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Handrail.Sessions.Otlp;

/// <summary>The ports that are for telemetry alone serve nothing else: no page, no API.</summary>
internal static class OtlpPorts
{
    private static readonly object Mark = new();

    private static readonly string[] Served =
        ["/v1/traces", "/v1/logs", "/v1/metrics", "/api/public/otel", "/healthz", "/readyz"];

    /// <summary>Marks connections by the endpoint they came in at: clients choose the host name they send, and a port may be given out by the system.</summary>
    public static void AddOtlpPorts(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel((context, kestrel) => kestrel
        .Configure(context.Configuration.GetSection("Kestrel"), reloadOnChange: false)
        .Endpoint("OtlpHttp", endpoint => MarkConnections(endpoint.ListenOptions))
        .Endpoint("OtlpGrpc", endpoint => MarkConnections(endpoint.ListenOptions)));

    public static void UseOtlpPorts(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Mark) == true && !IsServed(context.Request.Path))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    });

    private static void MarkConnections(ListenOptions options) => options.Use(next => connection =>
    {
        connection.Items[Mark] = true;
        return next(connection);
    });

    private static bool IsServed(PathString path) =>
        Array.Exists(Served, s => path.StartsWithSegments(s, StringComparison.Ordinal)) || path.Value?.StartsWith("/opentelemetry.proto.collector.", StringComparison.Ordinal) == true;
}
