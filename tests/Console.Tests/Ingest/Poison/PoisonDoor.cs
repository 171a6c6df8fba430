namespace Handrail.Ingest.Poison;

/// <summary>A way in for telemetry: a path, what is sent there, and how it is written.</summary>
internal sealed record PoisonDoor(string Name, PoisonSignal Signal, string Path, bool Json, bool Grpc = false)
{
    public static readonly IReadOnlyList<PoisonDoor> All =
    [
        new("traces in protobuf", PoisonSignal.Traces, "/v1/traces", Json: false),
        new("traces in JSON", PoisonSignal.Traces, "/v1/traces", Json: true),
        new("traces at Langfuse's path", PoisonSignal.Traces, "/api/public/otel/v1/traces", Json: false),
        new("traces over gRPC", PoisonSignal.Traces, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", Json: false, Grpc: true),
        new("logs in protobuf", PoisonSignal.Logs, "/v1/logs", Json: false),
        new("logs in JSON", PoisonSignal.Logs, "/v1/logs", Json: true),
        new("logs over gRPC", PoisonSignal.Logs, "/opentelemetry.proto.collector.logs.v1.LogsService/Export", Json: false, Grpc: true),
        new("metrics in protobuf", PoisonSignal.Metrics, "/v1/metrics", Json: false),
        new("metrics in JSON", PoisonSignal.Metrics, "/v1/metrics", Json: true),
        new("metrics over gRPC", PoisonSignal.Metrics, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", Json: false, Grpc: true),
        new("the Agents SDK's exporter", PoisonSignal.AgentsSdk, "/v1/traces/ingest", Json: true),
        new("costs", PoisonSignal.Costs, "/api/v1/costs", Json: true),
    ];

    /// <summary>The list in a JSON request that its records, or what holds them, stand in.</summary>
    public string List => Signal switch
    {
        PoisonSignal.Traces => "resourceSpans",
        PoisonSignal.Logs => "resourceLogs",
        PoisonSignal.Metrics => "resourceMetrics",
        PoisonSignal.AgentsSdk => "data",
        _ => "events",
    };
}

internal enum PoisonSignal
{
    Traces,
    Logs,
    Metrics,
    AgentsSdk,
    Costs,
}
