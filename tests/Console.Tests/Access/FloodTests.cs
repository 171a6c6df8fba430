using System.Net.Http.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Handrail.Actions;
using Handrail.Host;
using Handrail.Policy;
using Handrail.ReadBack;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>Threat 16: whoever calls too often is told when to come again, by key and by address, and costs others nothing.</summary>
public sealed class FloodTests
{
    private static readonly Method<byte[], byte[]> ExportTraces = new(
        MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", Marshallers.Create(b => b, b => b), Marshallers.Create(b => b, b => b));

    [Fact]
    public async Task Threat_16_A_key_that_calls_too_often_is_told_when_to_come_again_at_every_door_and_no_other_key_is()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Limits:CallsPerSecond", "10"));
        var flood = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "flood" })).Expect(200).Text("key"));

        var question = await FloodAsync(() => flood.PostAsJsonAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" }));
        var spans = await FloodAsync(() => flood.PostAsJsonAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk")));
        var costs = await FloodAsync(() => flood.PostAsJsonAsync("/api/v1/costs", new { events = Array.Empty<object>() }));
        var policy = await FloodAsync(() => flood.GetAsync("/api/v1/agents/desk/policy"));
        using var channel = GrpcChannel.ForAddress(host.Agent.BaseAddress!, new GrpcChannelOptions { HttpHandler = host.Factory.Server.CreateHandler() });
        var key = new Metadata { { "authorization", flood.DefaultRequestHeaders.Authorization!.ToString() } };
        var grpc = await GrpcFloodAsync(async () => await channel.CreateCallInvoker().AsyncUnaryCall(ExportTraces, null, new CallOptions(key), []));

        Assert.All(new[] { question, costs, policy }, a => Assert.Equal("application/problem+json", a.Content.Headers.ContentType?.MediaType));
        Assert.Equal("application/json", spans.Content.Headers.ContentType?.MediaType);
        Assert.Contains("10 calls a second", await policy.Content.ReadAsStringAsync());
        Assert.NotNull(grpc.Trailers.GetValueBytes("grpc-status-details-bin"));
        (await host.Agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-2", "desk"))).Expect(200);
        await Eventually.HoldsAsync("the key is heard again", async () => (await flood.ReadAsync("/api/v1/agents/desk/policy")).Status == 200);
    }

    [Theory, Databases]
    public async Task Threat_16_Behind_a_thousand_questions_of_one_key_another_s_is_decided_in_the_next_batch(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "autonomous" });
        var flood = await CallerAsync(host, "flood");
        var desk = await CallerAsync(host, "desk");
        var gate = host.Services<AskGate>();
        Task<GateAnswer> Ask(Caller caller, string session) =>
            gate.HandleAsync(caller, session, new GateQuestion(new ActionRequest("a-1", "desk", "note.write")) { Digest = "d" }, CancellationToken.None);

        List<Task<GateAnswer>> asked;
        Task<GateAnswer> mine;
        await using (await HeldDatabase.HoldAsync(host.Services<StoreSettings>(), "LOCK TABLE sessions, actions IN ACCESS EXCLUSIVE MODE"))
        {
            asked = [.. Enumerable.Range(0, 1_000).Select(i => Ask(flood, $"f-{i}"))];
            mine = Ask(desk, "mine");
        }

        var at = (await mine).Action.RequestedAt;
        await Task.WhenAll(asked);

        // Before it goes at most what was under way already: one batch.
        var before = await host.Services<HandrailStore>().ReadAsync(db => db.Actions.CountAsync(a => a.RequestedAt < at), CancellationToken.None);
        Assert.InRange(before, 0, 256);
    }

    [Fact]
    public async Task Threat_16_Guessed_keys_are_limited_by_address_and_keys_that_are_known_go_on()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Limits:UnknownKeysPerSecond", "1"));
        var person = await host.PersonAsync(Permissions.OnCall);
        (await host.Agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);

        var guess = host.Client("hra_guessed-guessed-guessed");
        var refused = await FloodAsync(() => guess.GetAsync("/api/v1/agents/desk/policy"));

        // Who waits as told may try again, and is limited again.
        await Eventually.HoldsAsync("another key may be tried", async () => (int)(await guess.GetAsync("/api/v1/agents/desk/policy")).StatusCode == 401);
        var telemetry = await FloodAsync(() => guess.PostAsJsonAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk")));

        Assert.Equal((429, 429), ((int)refused.StatusCode, (int)telemetry.StatusCode));
        (await host.Agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);

        // A key that was never seen here is let in at once only where people stop what runs.
        await FloodAsync(() => guess.GetAsync("/api/v1/agents/desk/policy"));
        (await person.Client.PostAsync("/api/v1/fleet/stop", new { reason = "It floods us." })).Expect(200);
    }

    [Fact]
    public async Task Threat_16_An_order_to_stop_is_never_told_to_come_later()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Limits:CallsPerSecond", "10"));
        var oncall = (await host.PersonAsync(Permissions.OnCall)).Client;
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);

        foreach (var order in new[] { "/api/v1/sessions/s-1/stop", "/api/v1/agents/desk/pause", "/api/v1/agents/desk/stop", "/api/v1/fleet/pause", "/api/v1/fleet/stop" })
        {
            await FloodAsync(() => oncall.GetAsync("/api/v1/sessions"));
            (await oncall.PostAsync(order, new { reason = "It floods us." })).Expect(200);
        }

        // An agent key has no business there, and is counted as anywhere.
        await FloodAsync(() => host.Agent.PostAsJsonAsync("/api/v1/fleet/stop", new { reason = "x" }));
    }

    [Fact]
    public async Task Threat_16_Calls_without_a_key_are_limited_by_address_and_the_sign_of_life_is_not()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Limits:AnonymousCallsPerSecond", "5"));

        await FloodAsync(() => host.Anonymous.GetAsync("/sign-in"));
        await FloodAsync(() => host.Anonymous.GetAsync("/.well-known/jwks.json"));
        await FloodAsync(() => host.Anonymous.PostAsync("/_blazor/negotiate", null));

        (await host.Anonymous.ReadAsync("/healthz")).Expect(200);
        (await host.Agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        (await host.Admin.ReadAsync("/api/v1/sessions")).Expect(200);
    }

    [Fact]
    public async Task Threat_16_Tries_to_sign_in_are_limited_by_address_and_the_page_says_so()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Limits:SignInsPerMinute", "1"));
        using var browser = host.Browser();

        var answer = await FloodAsync(() => browser.SignInAsync("nobody@example.com", "wrong-password-1"));

        Assert.Contains("too many tries", await answer.AlertAsync());
        using var right = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        Assert.Equal(429, (int)right.StatusCode);
    }

    [Fact]
    public async Task Threat_16_Messages_over_a_hub_are_limited_in_words_that_say_so_and_the_connection_stays()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Limits:HubMessagesPerSecond", "2"), onPorts: true);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);
        await using var hub = await HubListener.ConnectAsync(host.Address, ConsoleHost.AgentKey);
        await using var other = await HubListener.ConnectAsync(host.Address, ConsoleHost.AgentKey);
        await hub.SubscribeAsync("desk");
        await hub.NextAsync("PolicyChanged");
        await hub.NextAsync("Control");

        HubException? refused = null;
        await Eventually.HoldsAsync("too much is refused", async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Record.ExceptionAsync(() => hub.Connection.InvokeAsync("HoldPolicy", "desk", "1.0")).AsTask()));
            refused = answers.OfType<HubException>().FirstOrDefault();
            return refused is not null;
        });

        Assert.Contains("2 messages a second", refused!.Message);
        Assert.Contains("Retry after", refused.Message);
        Assert.Equal(HubConnectionState.Connected, hub.Connection.State);
        await other.SubscribeAsync("desk");
        (await host.Admin.PostAsync("/api/v1/agents/desk/stop", new { reason = "It floods us." })).Expect(200);
        Assert.Equal("stopped", (await hub.NextAsync("Control")).GetProperty("state").GetString());
        await Eventually.HoldsAsync("the connection is heard again", async () => await Record.ExceptionAsync(() => hub.Connection.InvokeAsync("HoldPolicy", "desk", "1.0")) is null);
    }

    [Theory]
    [InlineData("CallsPerSecond")]
    [InlineData("SignInsPerMinute")]
    public async Task A_limit_by_which_nobody_could_call_is_refused_by_its_name(string limit)
    {
        var wrong = await Assert.ThrowsAnyAsync<Exception>(() => ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting($"Limits:{limit}", "0")));

        Assert.Contains($"Limits:{limit} is 0", wrong.ToString());
    }

    /// <summary>Calls until it is told to come later, which it must be with when.</summary>
    private static async Task<HttpResponseMessage> FloodAsync(Func<Task<HttpResponseMessage>> call)
    {
        HttpResponseMessage? answer = null;
        await ManyAsync(async () =>
        {
            var told = await call();
            if ((int)told.StatusCode == 429)
            {
                answer = told;
            }

            return answer is not null;
        });
        Assert.InRange(answer!.Headers.RetryAfter?.Delta ?? TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        return answer;
    }

    private static async Task<RpcException> GrpcFloodAsync(Func<Task> call)
    {
        RpcException? refused = null;
        await ManyAsync(async () =>
        {
            if (await Record.ExceptionAsync(call) is RpcException { StatusCode: StatusCode.Unavailable } told)
            {
                refused = told;
            }

            return refused is not null;
        });
        return refused!;
    }

    /// <summary>Many who call again as soon as they are answered: on a busy machine one after the other may be no flood, nor a handful at once who wait for the slowest of them.</summary>
    private static Task ManyAsync(Func<Task<bool>> isTold) =>
        Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Eventually.HoldsAsync("a flood is told to come later", isTold)));

    private static async Task<Caller> CallerAsync(ConsoleHost host, string name)
    {
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name })).Expect(200);
        return new Caller { Kind = CallerKind.AgentKey, Id = key.Text("id"), Name = name, Team = Keys.DefaultTeam };
    }
}
