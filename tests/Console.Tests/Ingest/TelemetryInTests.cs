using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Ingest;

/// <summary>What the doors for telemetry promise to whoever sends.</summary>
public sealed class TelemetryInTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static b => b, static b => b);

    private static readonly Method<byte[], byte[]> ExportTraces =
        new(MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", Bytes, Bytes);

    [Theory, MemberData(nameof(Captured.Edges), MemberType = typeof(Captured))]
    public async Task A_body_at_the_edge_of_the_specification_gets_the_answer_that_it_must(string name)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var edge = Captured.Edge(name);
        var expected = edge.About.GetProperty("expected");

        using var answer = await host.Agent.PostAsync(edge.Path, edge.Content());
        using var again = await host.Agent.PostAsync(edge.Path, edge.Content());

        var statuses = expected.GetProperty("status") is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().Select(s => s.GetInt32()) : [expected.GetProperty("status").GetInt32()];
        Assert.Contains((int)answer.StatusCode, statuses);
        Assert.Equal(answer.StatusCode, again.StatusCode);
        if (expected.TryGetProperty("spans", out var spans))
        {
            var sessions = (await host.Admin.ReadAsync("/api/v1/sessions")).Expect(200)["items"].EnumerateArray().ToList();
            Assert.Equal(spans.GetInt32(), Sum(sessions, "steps"));
        }
    }

    [Theory, Databases]
    public async Task Over_gRPC_the_same_is_kept_and_refused(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var channel = GrpcChannel.ForAddress(host.Agent.BaseAddress!, new GrpcChannelOptions { HttpHandler = host.Factory.Server.CreateHandler() });
        var caller = channel.CreateCallInvoker();
        var key = new Metadata { { "authorization", $"Bearer {ConsoleHost.AgentKey}" } };
        foreach (var request in Captured.From("vercel-ai7"))
        {
            using var call = caller.AsyncUnaryCall(ExportTraces, null, new CallOptions(key), request.Unpacked());
            Assert.Empty(await call.ResponseAsync);
        }

        var sessions = (await host.Admin.ReadAsync("/api/v1/sessions")).Expect(200)["items"].EnumerateArray().ToList();
        var expected = Captured.ReadByAPerson("vercel-ai7");
        Assert.Equal(Number(expected, "input_tokens"), Sum(sessions, "input_tokens"));
        Assert.Equal(Number(expected, "turns"), Sum(sessions, "turns"));

        var noKey = await Assert.ThrowsAsync<RpcException>(async () => await caller.AsyncUnaryCall(ExportTraces, null, default, []));
        Assert.Equal(StatusCode.Unauthenticated, noKey.StatusCode);
        var person = new Metadata { { "x-api-key", ConsoleHost.AdminToken } };
        var noRight = await Assert.ThrowsAsync<RpcException>(async () => await caller.AsyncUnaryCall(ExportTraces, null, new CallOptions(person), []));
        Assert.Equal(StatusCode.PermissionDenied, noRight.StatusCode);
        var garbage = await Assert.ThrowsAsync<RpcException>(async () => await caller.AsyncUnaryCall(ExportTraces, null, new CallOptions(key), [0x0A]));
        Assert.Equal(StatusCode.InvalidArgument, garbage.StatusCode);
    }

    [Theory, Databases]
    public async Task A_session_named_only_by_a_parent_that_comes_last_takes_all_that_came_before(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        const string trace = "5b8efff798038103d269b633813fc60c";
        (await host.Agent.PostAsync("/v1/traces", Export(Span(trace, "00000000000000b1", "00000000000000a1", ("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "gpt-4o-mini"), ("gen_ai.usage.input_tokens", 100))))).Expect(200);
        (await host.Agent.ReadAsync($"/api/v1/sessions/{trace}")).Expect(200);

        var told = (await host.Agent.PostAsync("/v1/traces", Export(Span(trace, "00000000000000a1", null, ("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "desk"), ("gen_ai.conversation.id", "s-late"))))).Expect(200);

        Assert.Equal("running", told.Header("x-handrail-control"));
        Assert.NotNull(told.Header("x-handrail-policy"));
        var session = (await host.Admin.ReadAsync("/api/v1/sessions/s-late")).Expect(200);
        Assert.Equal((2, 1, 100L), (session["steps"].GetInt32(), session["llm_calls"].GetInt32(), session["input_tokens"].GetInt64()));
        Assert.Equal("desk", session.Text("agent"));
        Assert.Single((await host.Admin.ReadAsync("/api/v1/sessions")).Expect(200)["items"].EnumerateArray());
        Assert.Equal("s-late", (await host.Admin.ReadAsync($"/api/v1/sessions/{trace}")).Expect(200).Text("session_id"));
    }

    [Theory, Databases]
    public async Task A_bad_record_is_rejected_alone_and_its_neighbours_are_kept(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);

        var answer = (await host.Agent.PostAsync("/v1/traces", Export(
            Span("5b8efff798038103d269b633813fc60c", "00000000000000a1", null, ("gen_ai.conversation.id", "s-1")),
            Span("5b8efff7", "00000000000000a2", null, ("gen_ai.conversation.id", "s-1"))))).Expect(200);

        var partial = answer["partialSuccess"];
        Assert.Equal("1", partial.GetProperty("rejectedSpans").ToString());
        Assert.NotEmpty(partial.GetProperty("errorMessage").GetString()!);
        Assert.Equal(1, (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Expect(200)["steps"].GetInt32());
    }

    [Theory, Databases]
    public async Task More_than_can_be_held_is_refused_with_when_to_come_again(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, h => h.UseSetting("Ingest:MaxBytesInFlight", "64").UseSetting("Ingest:MaxBodyBytes", "100000"));
        var body = OtlpJson.ModelCalls("s-1", "desk");

        using var refused = await host.Agent.PostAsJsonAsync("/v1/traces", body);

        Assert.Contains((int)refused.StatusCode, new[] { 429, 503 });
        Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Expect(404);
    }

    [Theory]
    [InlineData("text/plain", 10, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", 200_000, HttpStatusCode.RequestEntityTooLarge)]
    public async Task What_can_t_be_taken_is_refused_by_its_name(string type, int bytes, HttpStatusCode expected)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Ingest:MaxBodyBytes", "100000"));
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(new string(' ', bytes)));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await host.Agent.PostAsync("/v1/traces", content);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory, Databases]
    public async Task Another_team_s_key_neither_adds_to_a_session_nor_sees_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk"))).Expect(200);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "other", team = "other" })).Expect(200).Text("key");
        var other = host.Client(key);

        var answer = (await other.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "spy"))).Expect(200);

        Assert.Equal("1", answer["partialSuccess"].GetProperty("rejectedSpans").ToString());
        (await other.ReadAsync("/api/v1/sessions/s-1")).Expect(404);
        Assert.Empty((await other.ReadAsync("/api/v1/sessions")).Expect(200)["items"].EnumerateArray());
        Assert.Equal(1, (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Expect(200)["steps"].GetInt32());
    }

    [Theory, Databases]
    public async Task Costs_that_no_span_carries_count_once_each_and_bad_ones_are_named(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var events = new
        {
            events = new object[]
            {
                new { id = "c-1", session_id = "s-1", agent = "desk", kind = "tool", name = "geocoder", amount = 0.25, currency = "USD" },
                new { id = "c-2", session_id = "s-1", agent = "desk", kind = "nonsense", name = "x", amount = 1, currency = "USD" },
            },
        };

        var first = (await host.Agent.PostAsync("/api/v1/costs", events)).Expect(200);
        var again = (await host.Agent.PostAsync("/api/v1/costs", events)).Expect(200);

        Assert.Equal((1, 0), (first["accepted"].GetInt32(), first["duplicates"].GetInt32()));
        Assert.Equal((0, 1), (again["accepted"].GetInt32(), again["duplicates"].GetInt32()));
        Assert.Equal(1, Assert.Single(first["rejected"].EnumerateArray()).GetProperty("index").GetInt32());
        Assert.Equal(0.25m, (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Expect(200)["cost_usd"].GetDecimal());
    }

    [Theory]
    [InlineData("""{"events":[],"events":[{"id":"c-1","session_id":"s-1","agent":"desk","kind":"tool","amount":1,"currency":"USD"}]}""")]
    [InlineData("""{"events\ud800":[]}""")]
    [InlineData("""{"events":[{"id\udc00":1}]}""")]
    public async Task A_body_that_two_readers_would_read_differently_is_refused(string body)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        using var answer = await host.Agent.PostAsync("/api/v1/costs", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty((await host.Admin.ReadAsync("/api/v1/sessions")).Expect(200)["items"].EnumerateArray());
    }

    [Theory, Databases]
    public async Task A_cost_of_the_first_minutes_of_time_by_a_clock_behind_them_is_kept(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        foreach (var (at, i) in new[] { "0001-01-01T00:15:00-00:30", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.9999999Z" }.Select((at, i) => (at, i)))
        {
            var events = new { events = new[] { new { id = $"c-{i}", session_id = "s-1", agent = "desk", kind = "tool", amount = 0.25, currency = "USD", at } } };

            Assert.Equal(1, (await host.Agent.PostAsync("/api/v1/costs", events)).Expect(200)["accepted"].GetInt32());
        }

        Assert.Equal(0.75m, (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Expect(200)["cost_usd"].GetDecimal());
    }

    private static object Export(params object[] spans) => new { resourceSpans = new[] { new { scopeSpans = new[] { new { spans } } } } };

    private static object Span(string trace, string span, string? parent, params (string Key, object Value)[] attributes) => new
    {
        traceId = trace,
        spanId = span,
        parentSpanId = parent ?? "",
        name = "step",
        startTimeUnixNano = "1795000000000000000",
        endTimeUnixNano = "1795000001000000000",
        attributes = attributes.Select(a => new { key = a.Key, value = a.Value is int number ? (object)new { intValue = $"{number}" } : new { stringValue = a.Value } }),
    };

    /// <summary>Nothing known adds nothing to a total.</summary>
    private static long Number(JsonElement of, string member) => of.GetProperty(member) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : 0;

    private static long Sum(IEnumerable<JsonElement> items, string member) => items.Sum(i => i.GetProperty(member).GetInt64());
}
