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

    /// <summary>
    /// Settings that can't be followed, or that would lead what is sent back to this console, send nothing and are said in the log: they may be meant for the
    /// agents of the same machine, and whoever has to stop one needs the console more than its figures.
    /// </summary>
    public static void AddTelemetryExport(this WebApplicationBuilder builder)
    {
        ExportSettings settings;
        try
        {
            settings = ExportSettings.Of(builder.Configuration);
            DemandElsewhere(settings, OwnDoors.Of(builder.Configuration));
        }
        catch (InvalidOperationException refused)
        {
            builder.Services.AddSingleton(new ExportRefusal(refused.Message));
            return;
        }

        if (!settings.All.Any())
        {
            return;
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
        if (app.Services.GetService<ExportRefusal>() is { } refusal)
        {
            app.Logger.LogError("The console sends no telemetry of its own. {Why}", refusal.Why);
        }

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

    /// <exception cref="InvalidOperationException">What is sent would come back to this console.</exception>
    private static void DemandElsewhere(ExportSettings settings, OwnDoors doors)
    {
        foreach (var export in settings.All)
        {
            if (doors.At(export.Address) is { } door)
            {
                throw new InvalidOperationException(
                    $"{export.Setting} is {export.Address}, which is {door}: its own telemetry would come back to it. Name another collector, or set OTEL_SDK_DISABLED=true for the console.");
            }
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

    /// <summary>Why nothing is sent although an endpoint is set.</summary>
    private sealed record ExportRefusal(string Why);
}
