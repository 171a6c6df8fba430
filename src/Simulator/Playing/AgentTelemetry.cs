using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Handrail.Simulator.Playing;

/// <summary>One agent's own OpenTelemetry: a source, a resource and an exporter, as if it were a process of its own.</summary>
internal sealed class AgentTelemetry : IDisposable
{
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1.5);

    private readonly TracerProvider _provider;

    public AgentTelemetry(AgentIdentity agent, Action<TracerProviderBuilder> export)
    {
        Agent = agent;
        Source = new ActivitySource($"handrail.simulator.{agent.Name}", agent.Version);
        var builder = Sdk.CreateTracerProviderBuilder()
            .AddSource(Source.Name)
            .SetResourceBuilder(ResourceBuilder.CreateEmpty()
                .AddService(agent.Name, serviceVersion: agent.Version, autoGenerateServiceInstanceId: false)
                .AddTelemetrySdk())
            .SetSampler(new AlwaysOnSampler());
        export(builder);
        _provider = builder.Build();
    }

    public AgentIdentity Agent { get; }

    public ActivitySource Source { get; }

    /// <summary>Sends to a console, twice a second, so that a session moves while it is looked at.</summary>
    public static Action<TracerProviderBuilder> ToConsole(Uri otlp, string key)
    {
        // Without it the SDK drops what a busy console asks to be sent again; it can be had by the environment alone.
        Environment.SetEnvironmentVariable("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
        return builder => builder.AddOtlpExporter(exporter =>
        {
            exporter.Endpoint = new Uri(otlp.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/v1/traces");
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Headers = $"x-api-key={Uri.EscapeDataString(key)}";
            exporter.ExportProcessorType = ExportProcessorType.Batch;
            exporter.BatchExportProcessorOptions = new BatchExportActivityProcessorOptions
            {
                ScheduledDelayMilliseconds = 500,
                ExporterTimeoutMilliseconds = 10_000,
            };
        });
    }

    /// <summary>Sends what is left, and gives up after a while: the console may have gone first.</summary>
    public void Dispose()
    {
        _provider.Shutdown((int)Goodbye.TotalMilliseconds);
        _provider.Dispose();
        Source.Dispose();
    }
}
