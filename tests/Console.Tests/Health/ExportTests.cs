using System.Net;
using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;

namespace Handrail.Health;

/// <summary>What a collector hears of the console itself.</summary>
public sealed class ExportTests
{
    [Theory, Databases]
    public async Task A_collector_hears_what_the_console_does_and_taking_telemetry_in_is_told_of_by_figures_alone(DatabaseProvider provider)
    {
        using var collector = new HttpReceiver();
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider, Settings = To(collector.Address) });
        var agent = console.AsAgent();
        await SendAsync(agent, "s-1", null);
        var gate = await agent.PostAsJsonAsync("api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "mail.send" });
        Assert.Equal(HttpStatusCode.OK, gate.StatusCode);

        await Eventually.HoldsAsync("the gate's request arrives as a span", () => Bodies(collector, "/v1/traces").Any(b => b.Contains("api/v1/sessions/{sessionId}/actions", StringComparison.Ordinal)));
        await Eventually.HoldsAsync("what was taken in arrives as a figure", () => Points(collector).Any(p => p.Name == "handrail.ingest.records"));
        await Eventually.HoldsAsync("the log arrives", () => Bodies(collector, "/v1/logs").Any(b => b.Contains("Now listening on", StringComparison.Ordinal)));

        // Telemetry came in before the gate was asked: a span of it would have gone before.
        Assert.DoesNotContain(Bodies(collector, "/v1/traces"), b => b.Contains("/v1/traces", StringComparison.Ordinal));
        Assert.All(collector.All, r => Assert.Contains("handrail", r.Body, StringComparison.Ordinal));
        string[] names =
        [
            "handrail.ingest.lag", "handrail.ingest.records", "handrail.ingest.behind", "handrail.ingest.queue.records", "handrail.gate.duration", "handrail.clients.connected",
            "handrail.outbox.age", "handrail.outbox.given_up", "handrail.database.size", "http.server.request.duration", "db.client.operation.duration",
        ];
        await Eventually.HoldsAsync("each figure arrives under its name", () => !names.Except(Points(collector).Select(p => p.Name)).Any());
        Assert.Contains(Points(collector), p => p.Name == "handrail.database.size" && p.Value > 10_000);
    }

    [Fact]
    public async Task What_comes_back_by_a_way_that_nobody_could_know_of_is_refused_and_the_log_says_so()
    {
        using var collector = new HttpReceiver();
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Settings = To(collector.Address) });
        await Eventually.HoldsAsync("something is sent", () => collector.All.Count > 0);
        var mark = collector.All[0].Headers["x-handrail-exporter"];

        Assert.Equal(HttpStatusCode.LoopDetected, (await SendAsync(console.AsAgent(), "s-1", mark)).StatusCode);

        await SaidAsync(console, "came back to it");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(console.AsAgent(), "s-1", "another console's")).StatusCode);
    }

    [Fact]
    public async Task A_console_that_is_told_to_send_to_itself_works_without_its_figures_and_says_why()
    {
        var port = FreePort.Find();
        var settings = new Dictionary<string, string>(To(new Uri($"http://localhost:{port}/"))) { ["Kestrel:Endpoints:OtlpHttp:Url"] = $"http://127.0.0.1:{port}" };

        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Settings = settings });

        await SaidAsync(console, $"OTEL_EXPORTER_OTLP_ENDPOINT is http://localhost:{port}/, which is this console's own endpoint OtlpHttp");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(console.AsAgent(), "s-1", null)).StatusCode);
        Assert.DoesNotContain("came back to it", console.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_can_not_be_followed_is_named_and_the_console_works()
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Settings = new Dictionary<string, string>(To(new Uri("http://localhost:9/"))) { ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/json" },
        });

        await SaidAsync(console, "OTEL_EXPORTER_OTLP_PROTOCOL is 'http/json'");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(console.AsAgent(), "s-1", null)).StatusCode);
    }

    private static Task SaidAsync(ConsoleProcess console, string text) => Eventually.HoldsAsync($"the log says: {text}", () => console.Log.Contains(text, StringComparison.Ordinal));

    private static Dictionary<string, string> To(Uri collector) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
    };

    private static async Task<HttpResponseMessage> SendAsync(HttpClient agent, string session, string? mark)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/traces") { Content = JsonContent.Create(OtlpJson.ModelCalls(session, "desk")) };
        if (mark is not null)
        {
            request.Headers.Add("x-handrail-exporter", mark);
        }

        return await agent.SendAsync(request);
    }

    private static IEnumerable<string> Bodies(HttpReceiver collector, string path) => collector.All.Where(r => r.Path == path).Select(r => r.Body);

    private static List<MetricPoint> Points(HttpReceiver collector) =>
        [.. collector.All.Where(r => r.Path == "/v1/metrics").SelectMany(r => OtlpMetrics.ReadProtobuf(r.Bytes.Span, TimeProvider.System.GetUtcNow()).Points)];
}
