namespace Handrail.Sessions;

/// <summary>One way to be seen: what to paste, in order.</summary>
public sealed record Way(string Name, IReadOnlyList<WayPart> Parts);

/// <summary>One thing to paste, after the sentence that says where.</summary>
public sealed record WayPart(string What, string Text);

/// <summary>What to paste to see an agent's first session. Each of these texts is meant to work as it stands.</summary>
/// <param name="address">The console's own address as the browser sees it, without a slash at the end; it takes OTLP over HTTP too.</param>
/// <param name="agent">A name that an agent may have chosen itself; null for an example's.</param>
/// <param name="key">An agent key; null for a word in its place.</param>
public sealed class FirstTrace(string address, string? agent = null, string? key = null)
{
    /// <summary>Stands where the agent key belongs.</summary>
    public const string NoKey = "YOUR_AGENT_KEY";

    /// <summary>The name under which Claude Code reports.</summary>
    public const string ClaudeCode = "claude-code";

    private const string Model = "gpt-4o";

    private readonly string _key = key ?? NoKey;
    private readonly string _agent = agent ?? "my-agent";

    /// <summary>Another one for each agent: a session belongs to one team.</summary>
    private readonly string _session = agent is null ? "first-session" : $"first-session-{agent}";

    /// <summary>Claude Code only where it can be the agent: it gives itself its name.</summary>
    public IReadOnlyList<Way> Ways =>
    [
        .. _agent == ClaudeCode ? [] : new[] { Environment, DotNet, Python, TypeScript },
        .. agent is null or ClaudeCode ? new[] { Claude } : [],
        .. _agent == ClaudeCode ? [] : new[] { new Way("curl", [new("One model call of one session, by hand, in any Unix shell. The answer {} says that it is committed.", Curl)]) },
    ];

    /// <summary>For any POSIX shell: the ids and the times are made when it runs.</summary>
    public string Curl =>
        $$$"""
        curl -sS '{{{address}}}/v1/traces' -d @- \
          -H 'content-type: application/json' \
          -H 'x-api-key: {{{_key}}}' <<END
        {"resourceSpans": [{
          "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": {{{PastedText.InHereDocument(PastedText.InCode(_agent))}}}}}]},
          "scopeSpans": [{"spans": [{
            "traceId": "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')",
            "spanId": "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')",
            "name": "chat {{{Model}}}", "kind": 3,
            "startTimeUnixNano": "$(($(date +%s) - 2))000000000",
            "endTimeUnixNano": "$(date +%s)000000000",
            "attributes": [
              {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
              {"key": "gen_ai.provider.name", "value": {"stringValue": "openai"}},
              {"key": "gen_ai.request.model", "value": {"stringValue": "{{{Model}}}"}},
              {"key": "gen_ai.agent.name", "value": {"stringValue": {{{PastedText.InHereDocument(PastedText.InCode(_agent))}}}}},
              {"key": "gen_ai.conversation.id", "value": {"stringValue": {{{PastedText.InHereDocument(PastedText.InCode(_session))}}}}},
              {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12000"}},
              {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "1500"}}
            ]
          }]}]
        }]}
        END
        """;

    private Way Environment => new(
        "Environment variables",
        [
            new(
                "For an agent that an OpenTelemetry SDK instruments already: nothing in its code changes. Set these where it starts.",
                $"""
                export OTEL_EXPORTER_OTLP_ENDPOINT={address}
                export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
                export OTEL_EXPORTER_OTLP_HEADERS=x-api-key={_key}
                export OTEL_SERVICE_NAME={PastedText.InShell(_agent)}
                """),
        ]);

    private Way DotNet => new(
        ".NET",
        [
            new(
                "A new project:",
                """
                dotnet new console -o first-trace
                cd first-trace
                dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol
                """),
            new(
                "Its Program.cs, then dotnet run:",
                $$"""
                using System.Diagnostics;
                using OpenTelemetry;
                using OpenTelemetry.Exporter;
                using OpenTelemetry.Trace;

                using var source = new ActivitySource("first-trace");
                using var provider = Sdk.CreateTracerProviderBuilder()
                    .AddSource("first-trace")
                    .AddOtlpExporter(otlp =>
                    {
                        otlp.Endpoint = new Uri("{{address}}/v1/traces");
                        otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
                        otlp.Headers = "x-api-key={{_key}}";
                    })
                    .Build();

                using (var call = source.StartActivity("chat {{Model}}", ActivityKind.Client))
                {
                    call?.SetTag("gen_ai.operation.name", "chat");
                    call?.SetTag("gen_ai.provider.name", "openai");
                    call?.SetTag("gen_ai.request.model", "{{Model}}");
                    call?.SetTag("gen_ai.agent.name", {{PastedText.InCode(_agent)}});
                    call?.SetTag("gen_ai.conversation.id", {{PastedText.InCode(_session)}});
                    // Here the model is called.
                    call?.SetTag("gen_ai.usage.input_tokens", 12000);
                    call?.SetTag("gen_ai.usage.output_tokens", 1500);
                }
                """),
        ]);

    private Way Python => new(
        "Python",
        [
            new(
                "A new environment with the SDK:",
                """
                python3 -m venv first-trace
                . first-trace/bin/activate
                pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
                """),
            new(
                "As first_trace.py, then python first_trace.py:",
                $$"""
                from opentelemetry import trace
                from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
                from opentelemetry.sdk.resources import Resource
                from opentelemetry.sdk.trace import TracerProvider
                from opentelemetry.sdk.trace.export import BatchSpanProcessor

                exporter = OTLPSpanExporter(
                    endpoint="{{address}}/v1/traces",
                    headers={"x-api-key": "{{_key}}"},
                )
                provider = TracerProvider(resource=Resource.create({"service.name": {{PastedText.InCode(_agent)}}}))
                provider.add_span_processor(BatchSpanProcessor(exporter))
                trace.set_tracer_provider(provider)
                tracer = trace.get_tracer("first-trace")

                with tracer.start_as_current_span("chat {{Model}}", kind=trace.SpanKind.CLIENT) as call:
                    call.set_attribute("gen_ai.operation.name", "chat")
                    call.set_attribute("gen_ai.provider.name", "openai")
                    call.set_attribute("gen_ai.request.model", "{{Model}}")
                    call.set_attribute("gen_ai.agent.name", {{PastedText.InCode(_agent)}})
                    call.set_attribute("gen_ai.conversation.id", {{PastedText.InCode(_session)}})
                    # Here the model is called.
                    call.set_attribute("gen_ai.usage.input_tokens", 12000)
                    call.set_attribute("gen_ai.usage.output_tokens", 1500)

                provider.shutdown()
                """),
        ]);

    private Way TypeScript => new(
        "TypeScript",
        [
            new(
                "A new project:",
                """
                mkdir first-trace
                cd first-trace
                npm init -y
                npm install tsx @opentelemetry/api @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto
                """),
            new(
                "As first-trace.mts, then npx tsx first-trace.mts:",
                $$"""
                import { SpanKind, trace } from '@opentelemetry/api';
                import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
                import { NodeSDK } from '@opentelemetry/sdk-node';

                const sdk = new NodeSDK({
                  serviceName: {{PastedText.InCode(_agent)}},
                  traceExporter: new OTLPTraceExporter({
                    url: '{{address}}/v1/traces',
                    headers: { 'x-api-key': '{{_key}}' },
                  }),
                });
                sdk.start();

                const tracer = trace.getTracer('first-trace');
                await tracer.startActiveSpan('chat {{Model}}', { kind: SpanKind.CLIENT }, async call => {
                  call.setAttribute('gen_ai.operation.name', 'chat');
                  call.setAttribute('gen_ai.provider.name', 'openai');
                  call.setAttribute('gen_ai.request.model', '{{Model}}');
                  call.setAttribute('gen_ai.agent.name', {{PastedText.InCode(_agent)}});
                  call.setAttribute('gen_ai.conversation.id', {{PastedText.InCode(_session)}});
                  // Here the model is called.
                  call.setAttribute('gen_ai.usage.input_tokens', 12000);
                  call.setAttribute('gen_ai.usage.output_tokens', 1500);
                  call.end();
                });

                await sdk.shutdown();
                """),
        ]);

    private Way Claude => new(
        "Claude Code",
        [
            new(
                "In the shell that starts it, then claude as always. Its prompts, model calls, tools and cost come in every five seconds.",
                $"""
                export CLAUDE_CODE_ENABLE_TELEMETRY=1
                export OTEL_LOGS_EXPORTER=otlp
                export OTEL_METRICS_EXPORTER=otlp
                export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
                export OTEL_EXPORTER_OTLP_ENDPOINT={address}
                export OTEL_EXPORTER_OTLP_HEADERS=x-api-key={_key}
                """),
        ]);
}
