namespace Handrail.Sessions;

/// <summary>One way to send a first trace.</summary>
public sealed record FirstTrace(string Name, string What, string Snippet)
{
    private const string Key = "YOUR_AGENT_KEY";

    public static IReadOnlyList<FirstTrace> For(string address) =>
    [
        new("curl", "One model call of one session, by hand.", Curl(address)),
        new("Environment", "For any agent that an OpenTelemetry SDK instruments already: three variables, no change to the code.", Environment(address)),
        new("Python", "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http", Python(address)),
        new("TypeScript", "npm install @opentelemetry/api @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto", TypeScript(address)),
        new(".NET", "dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol", DotNet(address)),
    ];

    private static string Environment(string address) =>
        $"""
        export OTEL_EXPORTER_OTLP_ENDPOINT={address}
        export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
        export OTEL_EXPORTER_OTLP_HEADERS=x-api-key={Key}
        """;

    private static string Curl(string address) =>
        $$$"""
        now=$(date +%s)
        curl -sS {{{address}}}/v1/traces -H 'content-type: application/json' -H 'x-api-key: {{{Key}}}' -d '{
          "resourceSpans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "my-agent"}}]},
            "scopeSpans": [{"spans": [{
              "traceId": "'$(openssl rand -hex 16)'", "spanId": "'$(openssl rand -hex 8)'", "name": "chat gpt-4o-mini", "kind": 3,
              "startTimeUnixNano": "'$((now - 2))'000000000", "endTimeUnixNano": "'$now'000000000",
              "attributes": [
                {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                {"key": "gen_ai.provider.name", "value": {"stringValue": "openai"}},
                {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o-mini"}},
                {"key": "gen_ai.conversation.id", "value": {"stringValue": "first-session"}},
                {"key": "gen_ai.agent.name", "value": {"stringValue": "my-agent"}},
                {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1200"}},
                {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "150"}}
              ]
            }]}]
          }]
        }'
        """;

    private static string Python(string address) =>
        $$"""
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(resource=Resource.create({"service.name": "my-agent"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(
            endpoint="{{address}}/v1/traces", headers={"x-api-key": "{{Key}}"})))
        trace.set_tracer_provider(provider)

        with trace.get_tracer("my-agent").start_as_current_span("chat gpt-4o-mini", attributes={
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.conversation.id": "first-session", "gen_ai.agent.name": "my-agent",
            "gen_ai.usage.input_tokens": 1200, "gen_ai.usage.output_tokens": 150,
        }):
            pass  # the call to the model
        provider.shutdown()
        """;

    private static string TypeScript(string address) =>
        $$"""
        import { trace } from '@opentelemetry/api';
        import { NodeSDK } from '@opentelemetry/sdk-node';
        import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';

        const sdk = new NodeSDK({
          serviceName: 'my-agent',
          traceExporter: new OTLPTraceExporter({ url: '{{address}}/v1/traces', headers: { 'x-api-key': '{{Key}}' } }),
        });
        sdk.start();

        trace.getTracer('my-agent').startActiveSpan('chat gpt-4o-mini', { attributes: {
          'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o-mini',
          'gen_ai.conversation.id': 'first-session', 'gen_ai.agent.name': 'my-agent',
          'gen_ai.usage.input_tokens': 1200, 'gen_ai.usage.output_tokens': 150,
        } }, span => span.end());
        await sdk.shutdown();
        """;

    private static string DotNet(string address) =>
        $$"""
        using System.Diagnostics;
        using OpenTelemetry;
        using OpenTelemetry.Exporter;
        using OpenTelemetry.Trace;

        using var source = new ActivitySource("my-agent");
        using var provider = Sdk.CreateTracerProviderBuilder().AddSource("my-agent").AddOtlpExporter(otlp =>
        {
            otlp.Endpoint = new Uri("{{address}}/v1/traces");
            otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
            otlp.Headers = "x-api-key={{Key}}";
        }).Build();

        using (var call = source.StartActivity("chat gpt-4o-mini", ActivityKind.Client))
        {
            call?.SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.provider.name", "openai").SetTag("gen_ai.request.model", "gpt-4o-mini")
                .SetTag("gen_ai.conversation.id", "first-session").SetTag("gen_ai.agent.name", "my-agent")
                .SetTag("gen_ai.usage.input_tokens", 1200).SetTag("gen_ai.usage.output_tokens", 150);
        }
        """;
}
