using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Client.AI;
using Handrail.Client.Tests.Fakes;
using Handrail.Testing;
using Microsoft.Extensions.AI;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>An agent of Microsoft.Extensions.AI whose tools ask first.</summary>
public sealed class GoverningTools
{
    private readonly List<string> _done = [];

    [Fact]
    public async Task A_tool_is_called_once_it_was_let_go_claimed_and_its_result_is_reported()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1", "u-42");

        var said = await RunAsync(session, Call(("channel", "#ops"), ("text", "Hello")), tools => tools.Tools["send_slack"] = new()
        {
            Type = "message.send", Risk = ActionRisk.External, VendorFrom = "channel", Describe = action => action with { Reasoning = "Asked to" },
        });

        Assert.Equal(["#ops: Hello"], _done);
        Assert.Equal("sent", said.GetString());
        var asked = Assert.Single(console.To("POST", "/actions")).Json;
        Assert.Equal(("message.send", "send_slack", "external", "#ops", "Asked to"),
            ((string?)asked["type"], (string?)asked["tool"], (string?)asked["risk"], (string?)asked["vendor"], (string?)asked["reasoning"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"channel":"#ops","text":"Hello"}"""), asked["arguments"]));
        Assert.Single(console.To("POST", "/claim"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"status":"succeeded","output":"sent"}"""), Assert.Single(console.To("POST", "/result")).Json));
    }

    [Theory]
    [InlineData("deny", "denied")]
    [InlineData("shadow", "shadowed")]
    public async Task What_is_not_let_go_is_not_called_and_the_model_reads_why(string verdict, string status)
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => verdict;
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var said = await RunAsync(session, Call(("channel", "#ops"), ("text", "Hello")));

        Assert.Empty(_done);
        Assert.Equal((false, status, "As the test says"), (said.GetProperty("done").GetBoolean(), said.GetProperty("status").GetString(), said.GetProperty("reason").GetString()));
        Assert.Equal("tool.send_slack", (string?)Assert.Single(console.To("POST", "/actions")).Json["type"]);
        Assert.Empty(console.To("POST", "/claim"));
    }

    [Fact]
    public async Task What_a_person_edited_is_what_is_called()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var running = RunAsync(session, Call(("channel", "#all"), ("text", "Hello")));
        var asked = await console.TakenAsync(request => request.Is("POST", "/actions"));
        await console.TakenAsync(request => request.Method == "GET" && request.Path.Contains("/actions/", StringComparison.Ordinal));
        console.Desk.Decide("s-1", (string)asked.Json["action_id"]!, "approved", true, decision =>
        {
            decision["edited"] = true;
            decision["arguments"] = new JsonObject { ["channel"] = "#ops", ["text"] = "Hello" };
        });
        await running;

        Assert.Equal(["#ops: Hello"], _done);
    }

    [Fact]
    public async Task What_was_voided_between_decision_and_call_is_not_called()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Always("POST", "/claim", _ => Reply.Refuse(409, "A person has taken the session over."));
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var said = await RunAsync(session, Call(("channel", "#ops"), ("text", "Hello")));

        Assert.Empty(_done);
        Assert.Equal("A person has taken the session over.", said.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_mask_hides_arguments_from_the_model_and_sets_others_whatever_it_says()
    {
        await using var console = await FakeConsole.StartAsync();
        var published = new TaskCompletionSource();
        console.Always("GET", "/policy", request => request.Headers.ContainsKey("If-None-Match") ? null : Reply.Ok(JsonNode.Parse("""
            {"agent":"expense-approver","version":"1.1","layers":[{"scope":"fleet","version":1,"policy":{"autonomy":"autonomous",
             "tools":[{"name":"send_slack","mask":{"show":["text"],"fix":{"channel":"#agents"}}}]}}]}
            """)!).With("ETag", "\"1\"") with { After = published.Task });
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var model = new ScriptedChat(Call(("channel", "#all"), ("text", "Hello"), ("urgent", true)));

        var running = RunAsync(session, model, null);
        await Connected.UntilAsync(() => console.To("GET", "/policy").Count > 1);
        Assert.Equal(0, model.Calls);
        published.SetResult();
        await running;

        Assert.Equal(["#agents: Hello"], _done);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"channel":"#agents","text":"Hello"}"""), Assert.Single(console.To("POST", "/actions")).Json["arguments"]));
        var shown = model.Shown!.Value;
        Assert.Equal(["text"], shown.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal(["text"], shown.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_stop_ends_the_run_and_the_model_is_not_called_again()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var model = new ScriptedChat(Call(("channel", "#ops"), ("text", "Hello")));

        var running = RunAsync(session, model, null);
        await console.TakenAsync(request => request.Method == "GET" && request.Path.Contains("/actions/", StringComparison.Ordinal));
        console.Desk.Command("s-1", "stop", "stopped");

        Assert.Equal("stopped", (await running).GetProperty("status").GetString());
        Assert.Equal(1, model.Calls);
        Assert.Empty(_done);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(session, new ScriptedChat(Call(("channel", "#ops"), ("text", "Hello"))), null));
    }

    [Fact]
    public async Task A_tool_that_fails_is_reported_as_failed()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var tool = AIFunctionFactory.Create((string text) => text.Length > 0 ? throw new InvalidOperationException("No line") : "", "send_slack").GovernedBy(session);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await tool.InvokeAsync(new AIFunctionArguments { ["text"] = "Hello" }));

        Assert.Equal("InvalidOperationException: No line", (string?)Assert.Single(console.To("POST", "/result")).Json["error"]);
    }

    [Fact]
    public async Task A_tool_that_gives_back_what_can_t_be_written_down_has_done_its_work()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var result = await new Opaque().GovernedBy(session).InvokeAsync([]);

        Assert.IsType<Opaque.Result>(result);
        Assert.Equal("succeeded", (string?)Assert.Single(console.To("POST", "/result")).Json["status"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wherever_the_line_stands_in_the_chain_and_wherever_a_tool_comes_from_it_asks_once(bool outermost)
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var builder = new ChatClientBuilder(new ScriptedChat(Call(("channel", "#ops"), ("text", "Hello"))));
        using var chat = outermost
            ? builder.UseHandrail(session).UseFunctionInvocation().Build()
            : builder.UseFunctionInvocation().UseHandrail(session).Build();
        chat.GetService<GovernedChatClient>()!.AdditionalTools = [Tool()];

        await chat.GetResponseAsync("Say hello", new ChatOptions { Tools = outermost ? [Tool().GovernedBy(session)] : [] });

        Assert.Single(_done);
        Assert.Single(console.To("POST", "/actions"));
    }

    [Fact]
    public async Task Against_the_console_that_is_shipped_it_is_asked_claimed_and_done_once()
    {
        await using var console = await ConsoleProcess.StartAsync();
        using (var publish = new HttpRequestMessage(HttpMethod.Put, "/api/v1/fleet/policy") { Content = new StringContent("""{"autonomy":"autonomous","tools":[{"name":"send_slack","mask":{"fix":{"channel":"#agents"}}}]}""") })
        {
            publish.Content.Headers.ContentType = new("application/json");
            publish.Headers.TryAddWithoutValidation("If-Match", "*");
            using var answer = await console.AsAdministrator().SendAsync(publish);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        await using var client = new HandrailClient(new HandrailClientOptions { Endpoint = console.Address, ApiKey = ConsoleProcess.AgentKey, Agent = "desk" });
        await using var session = await client.OpenSessionAsync("s-1");

        var said = await RunAsync(session, Call(("channel", "#ops"), ("text", "Hello")));

        Assert.Equal("sent", said.GetString());
        Assert.Equal(["#agents: Hello"], _done);
        await console.AsAdministrator().PostAsync("/api/v1/sessions/s-1/stop", new StringContent("""{"reason":"x"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));
        await Eventually.HoldsAsync("the stop is heard", () => session.Stopped.IsCancellationRequested);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(session, Call(("channel", "#ops"), ("text", "Again"))));
        Assert.Single(_done);
    }

    private static FunctionCallContent Call(params (string Name, object? Value)[] arguments) =>
        new("call-1", "send_slack", arguments.ToDictionary(argument => argument.Name, argument => (object?)JsonSerializer.SerializeToElement(argument.Value)));

    private AIFunction Tool() => AIFunctionFactory.Create(
        ([Description("Where")] string channel, string text, bool urgent = false) =>
        {
            _done.Add($"{channel}: {text}{(urgent ? "!" : "")}");
            return "sent";
        },
        "send_slack");

    private Task<JsonElement> RunAsync(HandrailSession session, FunctionCallContent call, Action<GovernanceOptions>? configure = null) => RunAsync(session, new ScriptedChat(call), configure);

    /// <returns>What the model reads as the tool's result.</returns>
    private async Task<JsonElement> RunAsync(HandrailSession session, ScriptedChat model, Action<GovernanceOptions>? configure)
    {
        using var chat = new ChatClientBuilder(model).UseHandrail(session, configure).Build();
        var response = await chat.GetResponseAsync("Say hello", new ChatOptions { Tools = [Tool()] });
        return (JsonElement)response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Single().Result!;
    }

    /// <summary>A model that wants to call one tool and is content with whatever comes back.</summary>
    private sealed class ScriptedChat(FunctionCallContent call) : IChatClient
    {
        public int Calls { get; private set; }

        public JsonElement? Shown { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Calls++;
            Shown ??= options?.Tools?.OfType<AIFunction>().FirstOrDefault()?.JsonSchema;
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, Calls == 1 ? [call] : [new TextContent("Done")])));
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            {
                yield return update;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class Opaque : AIFunction
    {
        public override string Name => "opaque";

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => new(new Result());

        public sealed class Result
        {
            public string Text => throw new InvalidOperationException("It is closed");
        }
    }
}
