using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>What the record promises.</summary>
public sealed class AuditTests
{
    private static readonly string[] Edits =
    [
        "update audit_records set reason = 'nothing to see' where seq = 4",
        "delete from audit_records where seq = 4",
        "update audit_records set actor = 'somebody' where seq = 4",
        "update audit_records set seq = -4 where seq = 4",
        "insert into audit_records select -1, at, actor, actor_kind, act, target, reason, before_json, after_json, address, correlation_id, previous_hash, hash from audit_records where seq = 4",
    ];

    [Theory]
    [Databases(0), Databases(1), Databases(2), Databases(3), Databases(4)]
    public async Task A_record_changed_or_taken_out_behind_our_back_is_named(DatabaseProvider provider, int edit)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        for (var i = 0; i < 6; i++)
        {
            (await host.Admin.PostAsync("/api/v1/keys", new { name = $"key {i}" })).Expect(200);
        }

        Assert.True((await host.Admin.ReadAsync("/api/v1/audit/verify")).Expect(200)["intact"].GetBoolean());
        await host.Services<HandrailStore>().ReadAsync(db => db.Database.ExecuteSqlRawAsync(Edits[edit]), CancellationToken.None);

        var broken = (await host.Admin.ReadAsync("/api/v1/audit/verify")).Expect(200);

        Assert.False(broken["intact"].GetBoolean());
        Assert.Equal(edit == 4 ? -1 : 4, broken["first_bad_seq"].GetInt64());
    }

    [Theory, Databases]
    public async Task What_can_t_be_recorded_does_not_happen(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.Services<HandrailStore>().ReadAsync(
            db => db.Database.ExecuteSqlRawAsync("alter table audit_records rename to audit_records_elsewhere"), CancellationToken.None);

        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(503);

        var policy = (await host.Admin.ReadAsync("/api/v1/fleet/policy")).Expect(200);
        Assert.Equal(1, policy["version"].GetInt32());
        var answer = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        Assert.Equal("review", answer.Text("verdict"));
    }

    [Theory, Databases]
    public async Task Every_human_act_is_there_with_who_what_and_why_and_no_secret(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        (await host.Admin.PostAsync($"/api/v1/handoffs/{asked.Text("handoff_id")}/reject", new { reason = "not today" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/agents/desk/pause", new { reason = "a look" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "enough" })).Expect(200);

        var records = (await host.Admin.ReadAsync("/api/v1/audit?limit=200")).Expect(200);

        var acts = records["items"].EnumerateArray().ToDictionary(r => $"{r.GetProperty("act").GetString()} {r.GetProperty("seq").GetInt64()}");
        foreach (var (act, reason) in new[] { ("key.issue", null), ("policy.publish", null), ("handoff.reject", "not today"), ("agent.pause", "a look"), ("session.stop", "enough") })
        {
            Assert.Contains(acts, a => a.Key.StartsWith(act + " ", StringComparison.Ordinal) && a.Value.GetProperty("reason").GetString() == reason
                && a.Value.GetProperty("actor").GetString() == Access.Bootstrap.AdminEmail);
        }

        Assert.DoesNotContain(key.Text("key"), records.Body.ToString());
        Assert.DoesNotContain(Access.Secrets.Hash(key.Text("key")), records.Body.ToString());
    }
}
