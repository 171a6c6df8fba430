using System.IO.Pipelines;
using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Handrail.Ingest;

/// <summary>
/// An agent made of Microsoft.Extensions.AI and of a tool behind the Model Context Protocol, both with the telemetry that they have
/// themselves, sent by OpenTelemetry's own exporter.
/// </summary>
public sealed class DotnetSdkTests
{
    private const string Session = "conv-dotnet";

    [Theory, Databases]
    public async Task What_Microsofts_and_MCPs_own_spans_tell_is_read_and_each_call_counts_once(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await RunAsync(host);

        var session = (await host.Admin.ReadAsync($"/api/v1/sessions/{Session}")).Expect(200);
        var steps = (await host.Admin.ReadAsync($"/api/v1/sessions/{Session}/steps?limit=200")).Expect(200)["items"].EnumerateArray().ToList();

        Assert.Equal((5, 9, 4), (session["turns"].GetInt32(), session["llm_calls"].GetInt32(), session["tool_calls"].GetInt32()));
        Assert.Equal((4 * 2812L, 4 * 113L, 4 * 1024L), (session["input_tokens"].GetInt64(), session["output_tokens"].GetInt64(), session["cached_tokens"].GetInt64()));
        Assert.Equal(4 * (0.00437m + 0.002051m), session["cost_usd"].GetDecimal());
        Assert.Equal("support-dotnet", session.Text("agent"));
        Assert.Equal(
            [("lookup_order", false), ("lookup_order", true), ("weather", false), ("weather", true)],
            steps.Where(s => s.GetProperty("kind").GetString() == "tool" && s.GetProperty("name").GetString()!.StartsWith("execute_tool", StringComparison.Ordinal))
                .Select(s => (s.GetProperty("tool").GetString()!, s.GetProperty("failed").GetBoolean())).Order());
        Assert.Single(steps, s => s.GetProperty("kind").GetString() == "llm" && s.GetProperty("failed").GetBoolean());
        Assert.Contains(steps, s => s.GetProperty("name").GetString() == "tools/call lookup_order");
    }

    private static async Task RunAsync(ConsoleHost host)
    {
        using var tracing = Sdk.CreateTracerProviderBuilder()
            .AddSource("Experimental.Microsoft.Extensions.AI", "Experimental.ModelContextProtocol")
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("support-dotnet"))
            .AddOtlpExporter(o =>
            {
                o.Protocol = OtlpExportProtocol.HttpProtobuf;
                o.Endpoint = new Uri("http://localhost/v1/traces");
                o.Headers = $"Authorization=Bearer {ConsoleHost.AgentKey}";
                o.HttpClientFactory = () => new HttpClient(new Waiting(host.Factory.Server.CreateHandler()));
            }).Build();
        var toServer = new Pipe();
        var toClient = new Pipe();
        await using var server = McpServer.Create(new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream()), new McpServerOptions
        {
            ToolCollection = [McpServerTool.Create(LookUp, new() { Name = "lookup_order" })],
        });
        var serving = server.RunAsync();
        await using (var mcp = await McpClient.CreateAsync(new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream())))
        {
            IList<McpClientTool> tools = await mcp.ListToolsAsync();
            using var client = new Scripted().AsBuilder().UseFunctionInvocation().UseOpenTelemetry(configure: o => o.EnableSensitiveData = true).Build();
            var options = new ChatOptions { ModelId = "gpt-5.4", ConversationId = Session, Tools = [AIFunctionFactory.Create(Weather, "weather"), .. tools] };
            foreach (var ask in new[] { "weather Paris", "weather Atlantis", "lookup_order 1001", "lookup_order 9999" })
            {
                Assert.Equal("Done.", (await client.GetResponseAsync(ask, options)).Text);
            }

            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetResponseAsync("busy", options));
        }

        Assert.True(tracing.ForceFlush());
    }

    private static string Weather(string city) => city == "Atlantis" ? throw new InvalidOperationException("no such city") : "sunny";

    private static string LookUp(string order_id) => order_id == "9999" ? throw new InvalidOperationException("the order service answers 503") : "shipped";

    /// <summary>The exporter sends and waits, which the test server's own handler can't.</summary>
    private sealed class Waiting(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancel) => SendAsync(request, cancel).GetAwaiter().GetResult();
    }

    /// <summary>A model that calls the tool that the person names, once, and then is done.</summary>
    private sealed class Scripted : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var said = messages.ToList();
            var words = said.FindLast(m => m.Role == ChatRole.User)?.Text.Split(' ') ?? [];
            var answered = said.Exists(m => m.Role == ChatRole.Tool);
            if (words is ["busy"])
            {
                throw new HttpRequestException("429 Too Many Requests");
            }

            AIContent content = answered ? new TextContent("Done.")
                : new FunctionCallContent("call-1", words[0], new Dictionary<string, object?> { [words[0] == "weather" ? "city" : "order_id"] = words[1] });
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [content]))
            {
                ModelId = "gpt-5.4-2026-08-01",
                ConversationId = options?.ConversationId,
                Usage = answered ? new() { InputTokenCount = 1406, OutputTokenCount = 56, CachedInputTokenCount = 1024 }
                    : new() { InputTokenCount = 1406, OutputTokenCount = 57, ReasoningTokenCount = 32 },
            });
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("openai", new Uri("https://api.openai.com"), "gpt-5.4")
            : serviceType.IsInstanceOfType(this) ? this : null;

        public void Dispose()
        {
        }
    }
}
