using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Handrail.Testing;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>The client's line to the hub of the console that is shipped, and what takes its place.</summary>
public sealed class OnTheHub
{
    [Fact]
    public async Task While_the_hub_tells_no_call_is_held_and_everything_arrives()
    {
        await using var console = await ConsoleProcess.StartAsync();
        using var way = new Way();
        await using var client = Client(console, way);
        await using var session = await client.OpenSessionAsync("s-1");
        await way.HeardByHubAsync("s-1");
        var policies = new ConcurrentQueue<string>();
        client.PolicyChanged += (_, policy) => policies.Enqueue(policy.Version);

        var asking = session.RequestAsync(new AgentAction { ActionId = "a-1", Type = "t" });
        await Eventually.HoldsAsync("it is asked", async () => (await OpenAsync(console)).Count == 1);
        await PostAsync(console, $"/api/v1/handoffs/{(await OpenAsync(console))[0]}/approve", "{}");
        Assert.True((await asking).Proceed);

        var question = session.AskPersonAsync(new() { HandoffId = "q-1", Summary = "Which?" });
        await Eventually.HoldsAsync("it is asked", async () => (await OpenAsync(console)).Count == 1);
        await PostAsync(console, "/api/v1/handoffs/q-1/answer", """{"answer":{"choice":"this"}}""");
        Assert.True((await question).Answered);

        await PublishAsync(console, """{"autonomy":"autonomous"}""");
        await Eventually.HoldsAsync("the policy is heard of", () => policies.Contains("2.0"));
        await Eventually.HoldsAsync("people see that the agent holds it", async () =>
            (string?)JsonNode.Parse(await console.AsAdministrator().GetStringAsync("/api/v1/agents/desk"))!["policy_held"] == "2.0");

        await PostAsync(console, "/api/v1/sessions/s-1/stop", """{"reason":"Runs away"}""");
        await Eventually.HoldsAsync("the stop is heard", () => session.Stopped.IsCancellationRequested);
        Assert.DoesNotContain(way.Asked, path => path.Contains("/actions/a-1?wait=30", StringComparison.Ordinal));
        Assert.DoesNotContain(way.Asked, path => path.Contains("/handoffs/q-1?wait=30", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_hub_calls_are_held_and_once_it_is_there_they_are_not()
    {
        await using var console = await ConsoleProcess.StartAsync();
        using var way = new Way { HubIsClosed = true };
        await using var client = Client(console, way);
        await using var session = await client.OpenSessionAsync("s-1");
        await Eventually.HoldsAsync("a call is held", () => way.Asked.Any(path => path.Contains("/control?after=0&wait=2", StringComparison.Ordinal)));

        await PostAsync(console, "/api/v1/sessions/s-1/pause", """{"reason":"wait"}""");
        await Eventually.HoldsAsync("the pause is heard", () => session.IsPaused);

        way.HubIsClosed = false;
        await way.HeardByHubAsync("s-1");
        await PostAsync(console, "/api/v1/sessions/s-1/resume", """{"reason":"on"}""");
        await Eventually.HoldsAsync("the resumption is heard", () => !session.IsPaused);
    }

    [Fact]
    public async Task After_a_crash_of_the_console_the_hub_is_found_again_and_nothing_of_what_happened_is_missed()
    {
        await using var console = await ConsoleProcess.StartAsync();
        using var way = new Way();
        await using var client = Client(console, way);
        await using var session = await client.OpenSessionAsync("s-1");
        await way.HeardByHubAsync("s-1");

        await console.KillAsync();
        way.Forget();
        way.HubIsClosed = true;
        await console.StartAgainAsync();
        await PostAsync(console, "/api/v1/sessions/s-1/pause", """{"reason":"wait"}""");
        await Eventually.HoldsAsync("the pause is heard", () => session.IsPaused);
        way.HubIsClosed = false;
        await way.HeardByHubAsync("s-1");

        await PostAsync(console, "/api/v1/sessions/s-1/stop", """{"reason":"enough"}""");
        await Eventually.HoldsAsync("the stop is heard", () => session.Stopped.IsCancellationRequested);
    }

    [Fact]
    public async Task Whoever_the_hub_s_address_is_redirected_to_is_not_given_the_key()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var elsewhere = await FakeConsole.StartAsync();
        console.Always("POST", "/hubs/agents/negotiate", _ => new Reply(307).With("Location", new Uri(elsewhere.Address, "/hubs/agents/negotiate?negotiateVersion=1").ToString()));
        await using var client = new HandrailClient(new HandrailClientOptions { Endpoint = console.Address, ApiKey = "hra_test", Agent = "desk", Jitter = () => 0 });
        await using var session = await client.OpenSessionAsync("s-1");

        await Eventually.HoldsAsync("the hub is tried again", () => console.To("POST", "/hubs/agents/negotiate").Count > 1);

        Assert.Empty(elsewhere.Requests);
    }

    private static HandrailClient Client(ConsoleProcess console, Way way) => new(new HandrailClientOptions
    {
        Endpoint = console.Address,
        ApiKey = ConsoleProcess.AgentKey,
        Agent = "desk",
        LongPoll = TimeSpan.FromSeconds(2),
        OfflineAfter = Timeout.InfiniteTimeSpan,
        MessageHandler = way,
        Jitter = () => 0.1,
    });

    private static async Task<List<string>> OpenAsync(ConsoleProcess console) =>
        [.. JsonNode.Parse(await console.AsAdministrator().GetStringAsync("/api/v1/handoffs?status=open"))!["items"]!.AsArray().Select(handoff => (string)handoff!["handoff_id"]!)];

    private static async Task PublishAsync(ConsoleProcess console, string policy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/fleet/policy") { Content = JsonContent.Create(JsonNode.Parse(policy)) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await console.AsAdministrator().SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task PostAsync(ConsoleProcess console, string path, string body)
    {
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var answer = await console.AsAdministrator().PostAsync(path, content);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>The way to the console: keeps what was asked, and may be closed to the hub.</summary>
    private sealed class Way() : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly ConcurrentQueue<string> _asked = new();

        public volatile bool HubIsClosed;

        public IReadOnlyCollection<string> Asked => _asked;

        public void Forget() => _asked.Clear();

        /// <summary>The session's orders are asked for at once, as they are only where the hub tells when to.</summary>
        public Task HeardByHubAsync(string session)
        {
            Forget();
            return Eventually.HoldsAsync("the hub tells of the session", () =>
                _asked.Count(path => path.StartsWith($"/api/v1/sessions/{session}/control", StringComparison.Ordinal) && path.EndsWith("&wait=0", StringComparison.Ordinal)) > 1);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _asked.Enqueue(request.RequestUri!.PathAndQuery);
            return HubIsClosed && request.RequestUri.AbsolutePath.StartsWith("/hubs/", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound))
                : base.SendAsync(request, cancellationToken);
        }
    }
}
