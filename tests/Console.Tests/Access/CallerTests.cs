using System.Net.Http.Headers;
using System.Text;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Access;

/// <summary>Who may come in, and who is refused.</summary>
public sealed class CallerTests
{
    /// <summary>Doors that need no key, each for a reason that can be said in a word.</summary>
    private static readonly string[] Open =
    [
        "healthz", "readyz", "openapi/{documentName}.json", "docs/api", "docs/viewer", "sign-in", ".well-known/jwks.json", "_blazor", "_framework", "Error",
    ];

    /// <summary>Doors that ask for a key themselves, so as to refuse in OTLP's own words; what they refuse is tested below and over gRPC.</summary>
    private static readonly string[] AskThemselves =
    [
        "v1/traces", "v1/traces/ingest", "v1/logs", "v1/metrics", "api/public/otel/v1/traces", "opentelemetry.proto.collector.", "{unimplementedService}/",
    ];

    [Fact]
    public async Task Every_door_and_page_asks_who_is_calling_or_stands_on_the_short_list_of_open_ones()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var endpoints = host.Factory.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().ToList();

        var unguarded = endpoints
            .Where(e => e.Metadata.GetMetadata<IAuthorizeData>() is null || e.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(e => e.RoutePattern.RawText!.TrimStart('/'))
            .Where(path => !Open.Any(o => path == o || path.StartsWith(o + "/", StringComparison.Ordinal)) && !AskThemselves.Any(o => path.StartsWith(o, StringComparison.Ordinal)) && !IsFile(path))
            .Distinct().Order().ToList();

        Assert.True(endpoints.Count > 60, $"only {endpoints.Count} endpoints were found");
        Assert.Empty(unguarded);
    }

    [Fact]
    public void Every_page_asks_for_a_signed_in_person_but_those_of_signing_in()
    {
        var pages = typeof(Shell.App).Assembly.GetTypes().Where(t => t.GetCustomAttributes(typeof(RouteAttribute), false).Length > 0).ToList();

        var open = pages.Where(p => p.GetCustomAttributes(typeof(AuthorizeAttribute), true).Length == 0 || p.GetCustomAttributes(typeof(AllowAnonymousAttribute), true).Length > 0);

        Assert.True(pages.Count >= 8, $"only {pages.Count} pages were found");
        Assert.Equal([typeof(CodePage), typeof(SignInPage)], open.OrderBy(p => p.Name));
    }

    [Theory]
    [InlineData("GET", "/api/v1/sessions")]
    [InlineData("GET", "/api/v1/handoffs")]
    [InlineData("GET", "/api/v1/agents")]
    [InlineData("GET", "/api/v1/audit")]
    [InlineData("GET", "/api/v1/audit/verify")]
    [InlineData("POST", "/api/v1/audit/verify")]
    [InlineData("GET", "/api/v1/audit/days")]
    [InlineData("GET", "/api/v1/audit/export?format=csv")]
    [InlineData("GET", "/api/v1/schemas/policy")]
    [InlineData("GET", "/api/v1/agents/desk/events")]
    [InlineData("GET", "/api/v1/agents/desk/feedback")]
    [InlineData("POST", "/hubs/agents/negotiate")]
    [InlineData("POST", "/api/v1/keys")]
    [InlineData("POST", "/api/v1/costs")]
    [InlineData("GET", "/api/v1/notifications/channels")]
    [InlineData("GET", "/api/v1/notifications/alerts")]
    [InlineData("GET", "/api/v1/health")]
    [InlineData("POST", "/api/v1/grants/redeem")]
    [InlineData("POST", "/api/v1/grants/keys/rotate")]
    [InlineData("POST", "/api/v1/sessions/s-1/actions/a-1/claim")]
    [InlineData("POST", "/v1/traces")]
    [InlineData("POST", "/v1/traces/ingest")]
    [InlineData("POST", "/v1/logs")]
    [InlineData("POST", "/v1/metrics")]
    [InlineData("POST", "/api/public/otel/v1/traces")]
    public async Task Without_a_key_nothing_is_told(string method, string path)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        var answer = (await host.Anonymous.SendAsync(new HttpMethod(method), path, method == "GET" ? null : new { })).Expect(401);
        var wrong = (await host.Client("hra_guessed-guessed-guessed").SendAsync(new HttpMethod(method), path, method == "GET" ? null : new { })).Expect(401);

        Assert.NotEmpty(answer.Message.Headers.WwwAuthenticate);
        Assert.NotEmpty(wrong.Message.Headers.WwwAuthenticate);
    }

    [Theory]
    [InlineData("GET", "/api/v1/handoffs")]
    [InlineData("GET", "/api/v1/audit")]
    [InlineData("GET", "/api/v1/audit/verify")]
    [InlineData("POST", "/api/v1/audit/verify")]
    [InlineData("GET", "/api/v1/audit/days")]
    [InlineData("GET", "/api/v1/audit/export?format=jsonl")]
    [InlineData("GET", "/api/v1/users")]
    [InlineData("GET", "/api/v1/keys")]
    [InlineData("GET", "/api/v1/agents")]
    [InlineData("POST", "/api/v1/users")]
    [InlineData("POST", "/api/v1/keys")]
    [InlineData("PUT", "/api/v1/agents/desk")]
    [InlineData("PUT", "/api/v1/principals/u-1")]
    [InlineData("POST", "/api/v1/fleet/resume")]
    [InlineData("POST", "/api/v1/grants/keys/rotate")]
    [InlineData("GET", "/api/v1/notifications/channels")]
    [InlineData("POST", "/api/v1/notifications/channels")]
    [InlineData("POST", "/api/v1/notifications/rules")]
    [InlineData("GET", "/api/v1/notifications/deliveries")]
    [InlineData("GET", "/api/v1/notifications/alerts")]
    [InlineData("POST", "/api/v1/notifications/alerts/al-1/acknowledge")]
    [InlineData("GET", "/api/v1/health")]
    public async Task Threat_10_An_agent_key_does_nothing_that_takes_a_person(string method, string path)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        (await host.Agent.SendAsync(new HttpMethod(method), path, method == "GET" ? null : new { })).Expect(403);
    }

    [Theory]
    [InlineData("Owner")]
    [InlineData("Reviewer")]
    [InlineData("OnCall")]
    [InlineData("Viewer")]
    public async Task Only_an_administrator_administers_and_reads_the_audit_trail(string role)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var person = (await host.PersonAsync(role)).Client;

        (await person.ReadAsync("/api/v1/audit")).Expect(403);
        (await person.ReadAsync("/api/v1/audit/verify")).Expect(403);
        (await person.PostAsync("/api/v1/audit/verify", new { heads = Array.Empty<string>() })).Expect(403);
        (await person.ReadAsync("/api/v1/audit/days")).Expect(403);
        (await person.ReadAsync("/api/v1/audit/export?format=csv")).Expect(403);
        (await person.ReadAsync("/api/v1/users")).Expect(403);
        (await person.PostAsync("/api/v1/users", new { email = "x@example.com" })).Expect(403);
        (await person.ReadAsync("/api/v1/keys")).Expect(403);
        (await person.PostAsync("/api/v1/keys", new { name = "x" })).Expect(403);
        (await person.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { owner = "x" })).Expect(403);
        (await person.PostAsync("/api/v1/grants/keys/rotate", new { })).Expect(403);
        (await person.ReadAsync("/api/v1/notifications/channels")).Expect(403);
        (await person.PostAsync("/api/v1/notifications/channels", new { name = "x", kind = "webhook", url = "https://example.com" })).Expect(403);
        (await person.SendAsync(HttpMethod.Put, "/api/v1/notifications/channels/ch-1", new { name = "x" })).Expect(403);
        (await person.SendAsync(HttpMethod.Delete, "/api/v1/notifications/channels/ch-1", null)).Expect(403);
        (await person.PostAsync("/api/v1/notifications/channels/ch-1/test", new { })).Expect(403);
        (await person.PostAsync("/api/v1/notifications/channels/ch-1/rotate", new { })).Expect(403);
        (await person.PostAsync("/api/v1/notifications/channels/ch-1/resend", new { })).Expect(403);
        (await person.ReadAsync("/api/v1/notifications/rules")).Expect(403);
        (await person.PostAsync("/api/v1/notifications/rules", new { name = "x", channel_id = "ch-1" })).Expect(403);
        (await person.SendAsync(HttpMethod.Put, "/api/v1/notifications/rules/nr-1", new { name = "x" })).Expect(403);
        (await person.SendAsync(HttpMethod.Delete, "/api/v1/notifications/rules/nr-1", null)).Expect(403);
        (await person.ReadAsync("/api/v1/notifications/deliveries")).Expect(403);
        (await person.PostAsync("/api/v1/notifications/deliveries/msg_1/resend", new { })).Expect(403);
        (await person.PostAsync("/api/v1/grants/redeem", new { grant = "x" })).Expect(403);
        (await person.PostAsync("/api/v1/sessions/s-1/actions/a-1/claim", new { })).Expect(403);
        (await person.ReadAsync("/api/v1/sessions")).Expect(200);
    }

    [Fact]
    public async Task An_auditor_reads_the_audit_trail_and_the_pages_lists_and_does_nothing()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200);
        var auditor = await host.PersonAsync(Permissions.Auditor);

        foreach (var read in new[] { "/api/v1/audit", "/api/v1/audit/verify", "/api/v1/audit/days", "/api/v1/audit/export?format=jsonl", "/api/v1/sessions", "/api/v1/handoffs", "/api/v1/agents", "/api/v1/fleet/policy" })
        {
            (await auditor.Client.ReadAsync(read)).Expect(200);
        }

        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("POST", $"/api/v1/handoffs/{asked.Text("handoff_id")}/claim", new { }),
            ("POST", $"/api/v1/handoffs/{asked.Text("handoff_id")}/approve", new { }),
            ("POST", $"/api/v1/handoffs/{asked.Text("handoff_id")}/reject", new { reason = "x" }),
            ("POST", "/api/v1/sessions/s-1/pause", new { reason = "x" }),
            ("POST", "/api/v1/sessions/s-1/stop", new { reason = "x" }),
            ("POST", "/api/v1/sessions/s-1/take-over", new { reason = "x" }),
            ("POST", "/api/v1/agents/desk/pause", new { reason = "x" }),
            ("POST", "/api/v1/fleet/stop", new { reason = "x" }),
            ("POST", "/api/v1/fleet/resume", new { reason = "x" }),
            ("POST", "/api/v1/fleet/disable", new { tool = "t", reason = "x" }),
            ("PUT", "/api/v1/fleet/policy", new { autonomy = "autonomous" }),
            ("PUT", "/api/v1/agents/desk", new { owner = "x" }),
            ("PUT", "/api/v1/principals/u-1", new { data_scopes = new[] { "x" } }),
            ("POST", "/api/v1/users", new { email = "x@example.com" }),
            ("PATCH", $"/api/v1/users/{auditor.Email}", new { roles = new[] { "Administrator" } }),
            ("POST", "/api/v1/keys", new { name = "x" }),
            ("DELETE", $"/api/v1/keys/{key.Text("id")}", null),
            ("POST", "/api/v1/grants/keys/rotate", new { }),
            ("POST", "/api/v1/notifications/channels", new { name = "x", kind = "webhook", url = "https://example.com" }),
        })
        {
            (await auditor.Client.SendAsync(new HttpMethod(method), path, body, ifMatch: "*")).Expect(403);
        }

        var deeds = (await host.Admin.ReadAsync($"/api/v1/audit?actor={auditor.Email}")).Expect(200)["items"].EnumerateArray().Select(r => r.GetProperty("act").GetString());
        Assert.Equal(["audit.export"], deeds);
    }

    [Theory, Databases]
    public async Task Threat_11_What_is_revoked_or_removed_is_refused_with_the_next_request(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200);
        var agent = host.Client(key.Text("key"));
        (await agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        var reviewer = await host.PersonAsync("Reviewer");
        (await reviewer.Client.ReadAsync("/api/v1/handoffs")).Expect(200);

        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{key.Text("id")}", null)).Expect(204);
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{reviewer.Email}", null)).Expect(204);

        (await agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(401);
        (await reviewer.Client.ReadAsync("/api/v1/handoffs")).Expect(401);
    }

    /// <summary>A key that sends telemetry all the time is not asked for beforehand each time, but where its records are committed.</summary>
    [Theory, Databases]
    public async Task Threat_11_A_revoked_key_sends_nothing_more_though_it_was_in_use_a_moment_ago(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200);
        var agent = host.Client(key.Text("key"));
        var gauge = new { resourceMetrics = new[] { new { scopeMetrics = new[] { new { metrics = new[] { new { name = "load", gauge = new { dataPoints = new[] { new { timeUnixNano = "1795433714000000000", asInt = 1 } } } } } } } } } };
        (await agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-before", "desk"))).Expect(200);
        (await agent.PostAsync("/v1/metrics", gauge)).Expect(200);

        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{key.Text("id")}", null)).Expect(204);

        (await agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-after", "desk"))).Expect(401);
        (await agent.PostAsync("/v1/metrics", gauge)).Expect(401);
        (await agent.PostAsync("/v1/traces", new { })).Expect(401);
        (await host.Admin.ReadAsync("/api/v1/sessions/s-after")).Expect(404);
        (await host.Admin.ReadAsync("/api/v1/sessions/s-before")).Expect(200);
    }

    [Theory, Databases]
    public async Task Threat_31_A_role_taken_away_is_gone_with_the_next_request_and_the_last_administrator_stays(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var owner = await host.PersonAsync("Owner");
        (await owner.Client.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "suggest" }, ifMatch: "*")).Expect(200);

        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{owner.Email}", new { roles = new[] { "Viewer" } })).Expect(200);

        (await owner.Client.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(403);
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{Bootstrap.AdminEmail}", new { roles = new[] { "Viewer" } })).Expect(409);
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{Bootstrap.AdminEmail}", null)).Expect(409);
    }

    [Fact]
    public async Task A_key_may_come_as_bearer_as_api_key_and_as_the_password_of_basic()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var apiKey = host.Client(null);
        apiKey.DefaultRequestHeaders.Add("x-api-key", ConsoleHost.AgentKey);
        var basic = host.Client(null);
        basic.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"pk-public:{ConsoleHost.AgentKey}")));

        (await host.Agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        (await apiKey.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        (await basic.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "email")]
    [InlineData("""{"email":"nonsense"}""", "email")]
    [InlineData("""{"email":"a@example.com","roles":["King"]}""", "roles")]
    [InlineData("""{"email":"a@example.com","password":"short"}""", "password")]
    public async Task A_wrong_member_of_a_person_is_named(string body, string member)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        var refused = (await host.Admin.PostAsync("/api/v1/users", JsonText.Element(body)!.Value)).Expect(400);

        Assert.True(refused["errors"].TryGetProperty(member, out _), refused.Body.ToString());
    }

    [Theory]
    [InlineData("/inbox?agent=desk", "/inbox?agent=desk")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void Threat_27_After_signing_in_one_stays_in_this_console(string? asked, string path) => Assert.Equal(path, LocalPath.Of(asked));

    /// <summary>Our own static files, and the way by which a development build serves them when they change.</summary>
    private static bool IsFile(string path) => path == "{**path:file}" || (Path.HasExtension(path) && !path.Contains('{', StringComparison.Ordinal));
}
