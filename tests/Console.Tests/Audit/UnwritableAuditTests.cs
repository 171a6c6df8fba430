using Handrail.Access;
using Handrail.Host;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Handrail.Audit;

/// <summary>While the audit trail can't be written nothing loosens, and what tightens still works; what was done then is on record as soon as it can be.</summary>
public sealed class UnwritableAuditTests
{
    [Theory]
    [Databases(false), Databases(true)]
    public async Task Threat_22_while_the_audit_can_t_be_written_nothing_loosens_and_what_tightens_still_does(DatabaseProvider provider, bool byTrigger)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("clerk", new { autonomy = "suggest" });
        var first = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-1", "clerk"))).Expect(200).Text("handoff_id");
        var second = (await host.Agent.PostAsync("/api/v1/sessions/s-2/actions", Ask("a-2", "clerk"))).Expect(200).Text("handoff_id");
        Assert.Equal("allow", (await host.Agent.PostAsync("/api/v1/sessions/s-3/actions", Ask("a-3", "desk"))).Expect(200).Text("verdict"));
        (await host.Agent.PostAsync("/api/v1/sessions/s-4/actions", Ask("a-4", "desk"))).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-4/pause", new { reason = "a look" })).Expect(200);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "stolen" })).Expect(200);
        var (viewer, leaver, owner) = (await host.PersonAsync("Viewer"), await host.PersonAsync("Viewer"), await host.PersonAsync("Owner", "Viewer"));
        var token = (await host.Admin.PostAsync($"/api/v1/users/{viewer.Email}/tokens", new { name = "lost" })).Expect(200);
        var last = (await host.Admin.ReadAsync("/api/v1/audit?limit=1")).Expect(200)["items"][0].GetProperty("seq").GetInt64();
        var audit = host.Services<HandrailStore>().Audit;

        foreach (var sql in Broken(provider, byTrigger))
        {
            await SqlAsync(host, sql);
        }

        await Eventually.HoldsAsync("the console knows", () => !audit.IsPossible);
        foreach (var (path, body) in new (string, object)[]
        {
            ($"/api/v1/handoffs/{first}/approve", new { }), ("/api/v1/sessions/s-4/resume", new { reason = "too soon" }), ("/api/v1/keys", new { name = "x" }),
            ("/api/v1/users", new { email = "x@example.com" }), ("/api/v1/fleet/policy/rollback", new { version = 1, reason = "x" }), ("/api/v1/grants/keys/rotate", new { }),
        })
        {
            (await host.Admin.SendAsync(HttpMethod.Post, path, body, ifMatch: "*")).Expect(503);
        }

        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(503);
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{viewer.Email}", new { roles = new[] { "Administrator" } })).Expect(503);
        (await host.Admin.ReadAsync("/api/v1/export/sessions.csv")).Expect(503);
        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-5/actions", Ask("a-5", "desk"))).Expect(503);
        Assert.NotNull(asked.Message.Headers.RetryAfter);
        (await host.Agent.PostAsync("/api/v1/sessions/s-3/actions/a-3/claim", new { })).Expect(503);
        Assert.Equal("pending", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(200).Text("status"));
        await Assert.ThrowsAsync<Refusal>(() => host.Services<SignIn>().HandleAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword, null, null, CancellationToken.None));

        (await host.Admin.PostAsync($"/api/v1/handoffs/{second}/reject", new { reason = "no" })).Expect(200);
        Assert.Equal(("rejected", false), (await StatusAsync(host, "s-2", "a-2"), (await host.Agent.ReadAsync("/api/v1/sessions/s-2/actions/a-2"))["proceed"].GetBoolean()));
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/pause", new { reason = "wait" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-3/stop", new { reason = "enough" })).Expect(200);
        Assert.Equal("stop", (await host.Agent.PostAsync("/api/v1/sessions/s-3/actions", Ask("a-6", "desk"))).Expect(200).Text("verdict"));
        (await host.Admin.PostAsync("/api/v1/agents/clerk/stop", new { reason = "runs away" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { tool = "mail", reason = "phishing" })).Expect(200, 204);
        Assert.Equal("deny", (await host.Agent.PostAsync("/api/v1/sessions/s-6/actions", new { action_id = "a-7", agent = "desk", type = "t", tool = "mail" })).Expect(200).Text("verdict"));
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{key.Text("id")}", null)).Expect(204);
        (await host.Client(key.Text("key")).ReadAsync("/api/v1/agents/desk/policy")).Expect(401);
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{viewer.Email}/tokens/{token.Text("id")}", null)).Expect(204);
        (await host.Client(token.Text("token")).ReadAsync("/api/v1/sessions")).Expect(401);
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{leaver.Email}", null)).Expect(204);
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{owner.Email}", new { roles = new[] { "Viewer" } })).Expect(200);
        (await owner.Client.PostAsync("/api/v1/fleet/stop", new { reason = "x" })).Expect(403);
        for (var i = 0; i < SignIn.MostFailures; i++)
        {
            Assert.Null(await host.Services<SignIn>().HandleAsync(owner.Email, "wrong-password-1", "192.0.2.9", null, CancellationToken.None));
        }

        Assert.NotEmpty(audit.Owed);
        foreach (var sql in Mended(provider, byTrigger))
        {
            await SqlAsync(host, sql);
        }

        await Eventually.HoldsAsync("what is owed is on record", () => audit.IsPossible && audit.Owed.Count == 0);
        Assert.Equal("allow", (await host.Agent.PostAsync("/api/v1/sessions/s-5/actions", Ask("a-5", "desk"))).Expect(200).Text("verdict"));
        var records = (await host.Admin.ReadAsync("/api/v1/audit?limit=200")).Expect(200)["items"].EnumerateArray().Where(r => r.GetProperty("seq").GetInt64() > last).ToList();
        foreach (var (act, target, why) in new[]
        {
            ("handoff.reject", $"handoff:{second}", "no"), ("session.pause", "session:s-1", "wait"), ("session.stop", "session:s-3", "enough"), ("agent.stop", "agent:clerk", "runs away"),
            ("fleet.disable", "tool:mail", "phishing"), ("key.revoke", $"key:{key.Text("id")}", null), ("token.revoke", $"person:{viewer.Email}", null), ("person.remove", $"person:{leaver.Email}", null),
            ("person.change", $"person:{owner.Email}", null),
        })
        {
            Assert.Single(records, r => (r.GetProperty("act").GetString(), r.GetProperty("target").GetString(), r.GetProperty("actor").GetString(), r.GetProperty("reason").GetString())
                == (act, target, Bootstrap.AdminEmail, why));
        }

        Assert.Equal(SignIn.MostFailures, records.Count(r => r.GetProperty("act").GetString() == "person.sign_in_failed" && r.GetProperty("address").GetString() == "192.0.2.9"));
        Assert.Single(records, r => r.GetProperty("act").GetString() == "person.locked_out");
        Assert.DoesNotContain(records, r => r.GetProperty("act").GetString() is "handoff.approve" or "session.resume" or "policy.publish" or "key.issue" or "sessions.export" or "audit.try");
        Assert.True((await host.Admin.ReadAsync("/api/v1/audit/verify")).Expect(200)["intact"].GetBoolean());
    }

    [Fact]
    public void Threat_22_a_record_that_is_owed_outlives_the_console()
    {
        var folder = Directory.CreateTempSubdirectory("handrail-owed-").FullName;
        try
        {
            var settings = new OwedSettings(Path.Combine(folder, "owed-audit.json"));
            var by = new Caller { Kind = CallerKind.Person, Id = "p-1", Name = "ann@example.com", Address = "192.0.2.1", CorrelationId = "c-1" };
            var at = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
            new AuditStanding(settings, NullLogger<AuditStanding>.Instance).Owe([OwedRecord.Of(new AuditEntry(by, "fleet.stop", "fleet") { Reason = "it runs away", Before = new { state = ControlState.Running } }, at)]);

            var after = new AuditStanding(settings, NullLogger<AuditStanding>.Instance);
            var owed = Assert.Single(after.Owed);
            Assert.Equal(("ann@example.com", "fleet.stop", "fleet", "it runs away", "192.0.2.1", "c-1", at), (owed.Actor, owed.Act, owed.Target, owed.Reason, owed.Address, owed.CorrelationId, owed.At));
            Assert.Equal("running", owed.Before!.Value.GetProperty("state").GetString());

            after.Settle([owed]);
            Assert.Empty(Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static object Ask(string id, string agent) => new { action_id = id, agent, type = "t" };

    private static async Task<string> StatusAsync(ConsoleHost host, string session, string action) =>
        (await host.Agent.ReadAsync($"/api/v1/sessions/{session}/actions/{action}")).Expect(200).Text("status");

    private static string[] Broken(DatabaseProvider provider, bool byTrigger) => (byTrigger, provider) switch
    {
        (false, _) => ["alter table audit_records rename to audit_records_elsewhere"],
        (_, DatabaseProvider.Sqlite) => ["create trigger no_audit before insert on audit_records begin select raise(abort, 'no'); end"],
        _ =>
        [
            "create function no_audit() returns trigger language plpgsql as 'begin raise exception ''no''; end'",
            "create trigger no_audit before insert on audit_records for each row execute function no_audit()",
        ],
    };

    private static string[] Mended(DatabaseProvider provider, bool byTrigger) => (byTrigger, provider) switch
    {
        (false, _) => ["alter table audit_records_elsewhere rename to audit_records"],
        (_, DatabaseProvider.Sqlite) => ["drop trigger no_audit"],
        _ => ["drop trigger no_audit on audit_records"],
    };

    private static Task<int> SqlAsync(ConsoleHost host, string sql) => host.Services<HandrailStore>().ReadAsync(db => db.Database.ExecuteSqlRawAsync(sql), CancellationToken.None);
}
