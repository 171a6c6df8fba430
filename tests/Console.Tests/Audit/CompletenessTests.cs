using System.Text.Json;
using System.Text.RegularExpressions;
using Handrail.Access;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Audit;

/// <summary>Every act of a person is on record: a walk through all doors by which people change something.</summary>
public sealed class CompletenessTests
{
    /// <summary>Doors that take a body and change nothing; and what takes a fault of a receiver, an agent that does not obey or one in shadow, and is tested with those.</summary>
    private static readonly string[] NotWalked =
    [
        "POST api/v1/fleet/policy/preview", "POST api/v1/agents/{agent}/policy/preview", "POST api/v1/agents/{agent}/policy/own/preview", "POST api/v1/audit/verify",
        "POST api/v1/notifications/deliveries/{id}/resend", "POST api/v1/notifications/channels/{id}/resend", "POST api/v1/sessions/{sessionId}/revoke-key",
        "POST api/v1/notifications/alerts/{id}/resolve", "POST api/v1/sessions/{sessionId}/actions/{actionId}/ground-truth", "POST api/v1/sessions/{sessionId}/control/ack",
    ];

    [Theory, Databases]
    public async Task Every_act_of_a_person_is_on_record_with_who_what_to_what_and_from_where(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, onPorts: true);
        var walk = new Walk(host);
        var colleague = await host.PersonAsync("Reviewer");
        await walk.DoAsync("PUT", "/api/v1/fleet/policy", new { autonomy = "suggest" }, "policy.publish", "fleet");
        await walk.DoAsync("PUT", "/api/v1/agents/desk/policy/own", new { autonomy = "suggest" }, "policy.publish", "agent:desk");
        await walk.DoAsync("POST", "/api/v1/fleet/policy/rollback", new { version = 1, reason = "back" }, "policy.rollback", "fleet");
        await walk.DoAsync("POST", "/api/v1/agents/desk/policy/rollback", new { version = 1, reason = "again" }, "policy.rollback", "agent:desk");
        await walk.DoAsync("POST", "/api/v1/agents/desk/policy/own/rollback", new { version = 1, reason = "again" }, "policy.rollback", "agent:desk");

        var person = await walk.DoAsync("POST", "/api/v1/users", new { email = "new@example.com", roles = new[] { "Viewer" } }, "person.create", "person:new@example.com");
        await walk.DoAsync("PATCH", "/api/v1/users/new@example.com", new { roles = new[] { "Reviewer" } }, "person.change", "person:new@example.com");
        var token = await walk.DoAsync("POST", "/api/v1/users/new@example.com/tokens", new { name = "t" }, "token.issue", "person:new@example.com");
        await walk.DoAsync("DELETE", $"/api/v1/users/new@example.com/tokens/{token.Text("id")}", null, "token.revoke", "person:new@example.com");
        await walk.DoAsync("POST", "/api/v1/users/new@example.com/sign-out", new { }, "person.sign_out", "person:new@example.com");
        await SecondFactorAsync(host, "new@example.com");
        await walk.DoAsync("DELETE", "/api/v1/users/new@example.com/second-factor", null, "person.second_factor_reset", "person:new@example.com");
        await walk.DoAsync("DELETE", "/api/v1/users/new@example.com", null, "person.remove", "person:new@example.com");
        var key = await walk.DoAsync("POST", "/api/v1/keys", new { name = "desk" }, "key.issue", null);
        await walk.DoAsync("POST", $"/api/v1/keys/{key.Text("id")}/rotate", new { }, "key.rotate", $"key:{key.Text("id")}");
        await walk.DoAsync("DELETE", $"/api/v1/keys/{key.Text("id")}", null, "key.revoke", $"key:{key.Text("id")}");
        await walk.DoAsync("POST", "/api/v1/grants/keys/rotate", new { reason = "yearly" }, "grant_key.rotate", null);
        await walk.DoAsync("PUT", "/api/v1/agents/desk", new { owner = "ann" }, "agent.register", "agent:desk");
        await walk.DoAsync("PUT", "/api/v1/principals/u-1", new { data_scopes = new[] { "claims" } }, "principal.set", "principal:u-1");
        await walk.DoAsync("PUT", "/api/v1/attention/planted", new { planted_per_day = 1 }, "settings.attention", "settings:attention");
        await walk.DoAsync("PUT", "/api/v1/settings/content", new { content_days = 7 }, "settings.content", "settings:content", ifMatch: "\"0\"");

        await walk.DoAsync("PUT", "/api/v1/settings/sign-in", new { require_second_factor = false }, "settings.sign_in", "settings:sign_in", ifMatch: "\"0\"");

        await HandoffsAsync(walk, colleague.Email);
        await ControlAsync(walk);
        await NotifyAsync(walk);
        await walk.DoAsync("GET", "/api/v1/audit/export?format=csv", null, "audit.export", "audit");
        await walk.DoAsync("GET", "/api/v1/export/sessions.csv", null, "sessions.export", "sessions");
        await walk.DoAsync("GET", "/api/v1/export/costs.csv", null, "costs.export", "costs");

        var records = (await host.Admin.ReadAsync("/api/v1/audit?limit=200")).Expect(200);
        Assert.DoesNotContain(token.Text("token"), records.Body.ToString());
        Assert.DoesNotContain(key.Text("key"), records.Body.ToString());
        Assert.DoesNotContain(Doors(host), door => !NotWalked.Contains(door) && !walk.Past(door));
        Assert.Equal(200, person.Status);
    }

    [Theory, Databases]
    public async Task Whoever_comes_in_is_turned_away_or_goes_is_on_record(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var door = host.Services<SignIn>();
        var me = new Caller { Kind = CallerKind.Person, Id = (await door.HandleAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword, "192.0.2.9", "c-1", default))!.Id, Name = Bootstrap.AdminEmail };
        await door.ChangePasswordAsync(me, ConsoleHost.AdminPassword, "Another-horse-8-battery", default);
        await door.SignOutAsync(me, null, default);
        Assert.Null(await door.HandleAsync("nobody@example.com", "x", "192.0.2.9", "c-2", default));
        for (var i = 0; i < SignIn.MostFailures; i++)
        {
            Assert.Null(await door.HandleAsync(Bootstrap.AdminEmail, "x", "192.0.2.9", "c-3", default));
        }

        var records = await host.Services<AuditQueries>().ListAsync(Caller.System, new AuditFilter(null, "person.*", null, null, null), null, 50, default);
        Assert.Equal(
            ["person.locked_out", .. Enumerable.Repeat("person.sign_in_failed", SignIn.MostFailures + 1), "person.sign_out", "person.change_password", "person.sign_in"],
            records.Items.Where(r => r.Act != "person.create").Select(r => r.Act));
        Assert.Equal(("192.0.2.9", "c-3"), (records.Items[0].Address, records.Items[0].CorrelationId));
        Assert.DoesNotContain("horse", JsonText.Of(records));
    }

    private static async Task HandoffsAsync(Walk walk, string colleague)
    {
        var open = new Queue<string>();
        for (var i = 0; i < 4; i++)
        {
            open.Enqueue((await walk.Host.Agent.PostAsync($"/api/v1/sessions/h-{i}/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200).Text("handoff_id"));
        }

        var id = open.Dequeue();
        foreach (var (word, body, act) in new (string, object, string)[]
        {
            ("claim", new { }, "handoff.claim"), ("release", new { }, "handoff.release"),
            ("snooze", new { until = TimeProvider.System.GetUtcNow().AddMinutes(2) }, "handoff.snooze"), ("wake", new { }, "handoff.wake"),
            ("delegate", new { to = colleague, note = "you know them" }, "handoff.delegate"), ("claim", new { }, "handoff.claim"), ("approve", new { note = "fine" }, "handoff.approve"),
        })
        {
            await walk.DoAsync("POST", $"/api/v1/handoffs/{id}/{word}", body, act, $"handoff:{id}");
        }

        id = open.Dequeue();
        await walk.DoAsync("POST", $"/api/v1/handoffs/{id}/reject", new { reason = "no" }, "handoff.reject", $"handoff:{id}");
        id = open.Dequeue();
        await walk.DoAsync("POST", $"/api/v1/handoffs/{id}/take-over", new { note = "mine" }, "handoff.take_over", $"handoff:{id}");
        (await walk.Host.Agent.PostAsync("/api/v1/sessions/h-9/handoffs", new { handoff_id = "q-1", agent = "desk", kind = "question", summary = "Which one?", options = new[] { new { id = "a", label = "A" } } })).Expect(200, 201);
        await walk.DoAsync("POST", "/api/v1/handoffs/q-1/answer", new { answer = new { option = "a" } }, "handoff.answer", "handoff:q-1");
    }

    private static async Task ControlAsync(Walk walk)
    {
        foreach (var session in new[] { "c-1", "c-2" })
        {
            (await walk.Host.Agent.SendAsync(HttpMethod.Put, $"/api/v1/sessions/{session}", new { agent = "desk" })).Expect(200);
        }

        foreach (var (path, act, target) in new[]
        {
            ("sessions/c-1/pause", "session.pause", "session:c-1"), ("sessions/c-1/resume", "session.resume", "session:c-1"), ("sessions/c-1/take-over", "session.take_over", "session:c-1"),
            ("sessions/c-1/message", "session.message", "session:c-1"), ("sessions/c-1/hand-back", "session.hand_back", "session:c-1"), ("sessions/c-1/stop", "session.stop", "session:c-1"),
            ("agents/desk/pause", "agent.pause", "agent:desk"), ("agents/desk/stop", "agent.stop", "agent:desk"), ("agents/desk/resume", "agent.resume", "agent:desk"),
            ("fleet/pause", "fleet.pause", "fleet"), ("fleet/stop", "fleet.stop", "fleet"), ("fleet/resume", "fleet.resume", "fleet"),
            ("fleet/disable", "fleet.disable", "tool:mail"), ("fleet/enable", "fleet.enable", "tool:mail"),
        })
        {
            await walk.DoAsync("POST", $"/api/v1/{path}", path.EndsWith("able", StringComparison.Ordinal) ? new { tool = "mail", reason = "a look" } : new { reason = "a look", note = "a look", text = "hello" }, act, target);
        }

        (await walk.Host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/c-3", new { agent = "desk" })).Expect(200);
        (await walk.Host.Admin.PostAsync("/api/v1/sessions/c-3/take-over", new { reason = "mine" })).Expect(200);
        await walk.DoAsync("POST", "/api/v1/sessions/c-3/end", new { outcome = "completed", summary = "settled by phone" }, "session.end", "session:c-3");
    }

    /// <summary>A person of whom there is a second factor to take away.</summary>
    private static async Task SecondFactorAsync(ConsoleHost host, string email)
    {
        const string Password = "Some-horse-9-battery";
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{email}", new { password = Password })).Expect(200);
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = host.Address };
        await browser.SignInAsync(email, Password);
        await Authenticator.SetUpAsync(browser, Password, TimeProvider.System);
    }

    private static async Task NotifyAsync(Walk walk)
    {
        const string Base = "/api/v1/notifications";
        var hook = new { name = "hook", kind = "webhook", url = "http://127.0.0.1:9/hook" };
        var channel = (await walk.DoAsync("POST", $"{Base}/channels", hook, "channel.create", null))["channel"].GetProperty("id").GetString()!;
        await walk.DoAsync("PUT", $"{Base}/channels/{channel}", hook with { name = "other" }, "channel.change", $"channel:{channel}");
        await walk.DoAsync("POST", $"{Base}/channels/{channel}/rotate", new { }, "channel.rotate", $"channel:{channel}");
        await walk.DoAsync("POST", $"{Base}/channels/{channel}/test", new { }, "channel.test", $"channel:{channel}");
        var rule = (await walk.DoAsync("POST", $"{Base}/rules", new { name = "all", channel_id = channel }, "notification_rule.create", null)).Text("id");
        await walk.DoAsync("PUT", $"{Base}/rules/{rule}", new { name = "more", channel_id = channel }, "notification_rule.change", $"notification_rule:{rule}");
        await walk.DoAsync("DELETE", $"{Base}/rules/{rule}", null, "notification_rule.remove", $"notification_rule:{rule}");
        await walk.DoAsync("DELETE", $"{Base}/channels/{channel}", null, "channel.remove", $"channel:{channel}");
        (await walk.Host.Agent.PostAsync("/api/v1/sessions/n-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        var alert = (await walk.Host.Admin.ReadAsync($"{Base}/alerts")).Expect(200)["items"].EnumerateArray().First(a => a.GetProperty("state").GetString() == "open").GetProperty("id").GetString();
        await walk.DoAsync("POST", $"{Base}/alerts/{alert}/acknowledge", new { }, "alert.acknowledge", $"alert:{alert}");
    }

    /// <summary>All doors by which a person changes something, as <c>POST api/v1/keys</c>.</summary>
    private static List<string> Doors(ConsoleHost host) =>
        [.. host.Factory.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(a => a.Policy is Access.Doors.People or Access.Doors.Either))
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Where(m => m is not "GET" and not "HEAD").Select(m => $"{m} {e.RoutePattern.RawText!.Trim('/')}"))
            .Distinct().Order()];

    private sealed class Walk(ConsoleHost host)
    {
        private readonly List<string> _calls = [];

        public ConsoleHost Host => host;

        /// <summary>True when one of the calls went through this door.</summary>
        public bool Past(string door)
        {
            var pattern = $"^{Regex.Replace(door, @"\{[^}]+\}", "[^/]+")}$";
            return _calls.Exists(c => Regex.IsMatch(c, pattern));
        }

        /// <summary>Calls as the administrator, and finds the one record of it.</summary>
        public async Task<Answer> DoAsync(string method, string path, object? body, string act, string? target, string ifMatch = "*")
        {
            var before = await LastAsync();
            var answer = (await host.Admin.SendAsync(new HttpMethod(method), path, body, ifMatch)).Expect(200, 201, 202, 204);
            _calls.Add($"{method} {path.TrimStart('/').Split('?')[0]}");
            var records = (await host.Admin.ReadAsync($"/api/v1/audit?act={act}&limit=200")).Expect(200)["items"].EnumerateArray().Where(r => r.GetProperty("seq").GetInt64() > before).ToList();
            Assert.True(records.Count == 1, $"{method} {path}: {records.Count} records of {act}");
            var record = records[0];
            Assert.Equal((Bootstrap.AdminEmail, "person", "127.0.0.1"), (record.GetProperty("actor").GetString(), record.GetProperty("actor_kind").GetString(), record.GetProperty("address").GetString()));
            Assert.NotEqual(JsonValueKind.Null, record.GetProperty("correlation_id").ValueKind);
            Assert.Equal(target ?? record.GetProperty("target").GetString(), record.GetProperty("target").GetString());
            return answer;
        }

        private async Task<long> LastAsync() => (await host.Admin.ReadAsync("/api/v1/audit?limit=1")).Expect(200)["items"][0].GetProperty("seq").GetInt64();
    }
}
