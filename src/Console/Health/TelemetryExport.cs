using Handrail.Shell;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Handrail.Health;

/// <summary>The console's own traces, metrics and logs by OTLP, where an endpoint is set for them.</summary>
internal static class TelemetryExport
{
    private const string DefaultName = "handrail";

    private static readonly string[] Meters =
    [
        ConsoleMeter.Name, "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "System.Net.Http", "System.Runtime",
    ];

    /// <exception cref="InvalidOperationException">A setting can't be followed, or what is sent would come back to this console.</exception>
    public static void AddTelemetryExport(this WebApplicationBuilder builder)
    {
        var settings = ExportSettings.Of(builder.Configuration);
        if (!settings.All.Any())
        {
            return;
        }

        var doors = OwnDoors.Of(builder.Configuration);
        foreach (var export in settings.All)
        {
            if (doors.At(export.Address) is { } door)
            {
                throw new InvalidOperationException(
                    $"{export.Setting} is {export.Address}, which is {door}: its own telemetry would come back to it. Name another collector, or unset it to send none.");
            }
        }

        var mark = new ExportMark();
        builder.Services.AddSingleton(mark);
        var telemetry = builder.Services.AddOpenTelemetry()

            // What the environment says of the resource stands last, and so holds.
            .ConfigureResource(resource => resource.Clear().AddService(DefaultName, serviceVersion: Versions.Own).AddTelemetrySdk().AddEnvironmentVariableDetector());
        if (settings.Traces is { } traces)
        {
            // Not System.Net.Http: the address of a Slack channel is a secret.
            telemetry.WithTracing(t => t.AddSource(ConsoleMeter.Name, "Npgsql").AddAspNetCoreInstrumentation(o => o.Filter = ExportedSpans.Traces).AddProcessor(new ExportedSpans())
                .AddOtlpExporter(o => Set(o, traces, mark)));
        }

        if (settings.Metrics is { } metrics)
        {
            telemetry.WithMetrics(m => m.AddMeter(Meters).AddOtlpExporter(o => Set(o, metrics, mark)));
        }

        if (settings.Logs is { } logs)
        {
            telemetry.WithLogging(l => l.AddOtlpExporter(o => Set(o, logs, mark)), o => o.IncludeFormattedMessage = true);
        }
    }

    /// <summary>Refuses what this process itself has sent. Before everything else that a request meets.</summary>
    public static void UseExportMark(this WebApplication app)
    {
        if (app.Services.GetService<ExportMark>() is { } mark)
        {
            app.Use((context, next) =>
            {
                if (mark.IsOn(context))
                {
                    context.Response.StatusCode = StatusCodes.Status508LoopDetected;
                    return Task.CompletedTask;
                }

                return next(context);
            });
        }
    }

    private static void Set(OtlpExporterOptions options, SignalExport export, ExportMark mark)
    {
        if (export.Protocol is { } protocol)
        {
            options.Protocol = protocol;
        }

        if (export.Whole)
        {
            options.Endpoint = export.Address;
        }

        options.Headers = mark.With(export.Headers);
    }
}
