using Handrail.Audit;
using Handrail.Host;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Faults.Gate;

/// <summary>A row that somebody or something has spoilt in the database, of all that the gate decides by.</summary>
/// <param name="Name">Which.</param>
/// <param name="Spoil">What is done to it; <c>{0}</c> is the session.</param>
/// <param name="Mend">What mends it; <c>{1}</c> is what stood there.</param>
/// <param name="Was">Asks for what stood there; null where that is known.</param>
internal sealed record BadRow(string Name, string Spoil, string Mend, string? Was = null)
{
    /// <summary>What is to be forbidden, made ready in the session.</summary>
    public required Func<GateStories, GateFleet, string, Task> Before { get; init; }

    /// <summary>The question or the claim that must not go while the row is spoilt.</summary>
    public required Func<ConsoleHost, string, Task<Answer>> Step { get; init; }

    /// <summary>What the step is answered once the row is mended.</summary>
    public int After { get; init; } = 200;

    /// <summary>So long ago the decision was made by then.</summary>
    public TimeSpan Later { get; init; }
}

/// <summary>Rows that can't be read, or say what cannot be: each of what forbids an action or of what lets it go.</summary>
internal sealed class BadRows(ConsoleHost host, StoreSettings database, GateFleet fleet, GateStories stories, ErringClock clock)
{
    private static readonly string[] Words = ["nonsense", "", "[1,", "null"];

    /// <summary>A process reads the keys of grants again within half a minute.</summary>
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(31);

    public int Struck { get; private set; }

    public static IReadOnlyList<BadRow> All { get; } =
    [
        .. Words.Select(word => Own("the agent's policy", $"update policy_versions set document_json = '{word}' where scope = 'agent:own-{{0}}'", "update policy_versions set document_json = '{1}' where scope = 'agent:own-{0}'",
            "select document_json as \"Value\" from policy_versions where scope = 'agent:own-{0}'")),
        .. new[] { 99, -1 }.Select(version => Own("the policy's version", $"update policy_heads set version = {version} where scope = 'agent:own-{{0}}'", "update policy_heads set version = 1 where scope = 'agent:own-{0}'")),
        .. Words.Select(word => Asked("the agent's data", $"update agents set data_scopes_json = '{word}' where name = 'data'", "update agents set data_scopes_json = '[\"claims\"]' where name = 'data'",
            new GateCase("", "deny", "data") { User = "stranger@example.com" })),
        .. Words.Select(word => Asked("the user's data", $"update principals set data_scopes_json = '{word}' where \"user\" = 'known@example.com'", "update principals set data_scopes_json = '[\"other\"]' where \"user\" = 'known@example.com'",
            new GateCase("", "deny", "data") { User = "known@example.com" })),
        Asked("the session's control", "update sessions set control = 'halted' where id = '{0}'", "update sessions set control = 'stopped' where id = '{0}'", new GateCase("", "stop"), (_, f, s) => f.OrderAsync(s, "stop")),
        Asked("the agent's control", "update scope_controls set state = 'stoppt' where scope = 'agent:stopped'", "update scope_controls set state = 'stopped' where scope = 'agent:stopped'", new GateCase("", "stop", "stopped")),
        Asked("the fleet's control", "update scope_controls set scope = 'fleeet' where scope = 'fleet'", "update scope_controls set scope = 'fleet' where scope = 'fleeet'", new GateCase("", "allow")),
        Asked("what is switched off", "update disabled set what = 'tipe' where name = 'mail.send'", "update disabled set what = 'type' where name = 'mail.send'", new GateCase("", "deny") { Type = "mail.send" }),
        .. new[] { "then", "metric" }.Select(column => Asked(
            "a breaker's trip", $"update breaker_trips set \"{column}\" = 'nonsense' where scope = 'session:{{0}}'", $"update breaker_trips set \"{column}\" = '{(column == "then" ? "stop" : "denied_actions")}' where scope = 'session:{{0}}'",
            new GateCase("", "stop"), (_, f, s) => f.TripAsync(s))),
        Asked("a budget", "update budgets set reserved = '-100.0' where key like '%{0}'", "update budgets set reserved = '50.0' where key like '%{0}'", new GateCase("", "review") { Amount = 20m }, (_, f, s) => f.SpendAsync(s)),
        .. Words.Select(word => Claimed("the facts of a decision", $"update actions set facts_json = '{word}' where session_id = '{{0}}'", "update actions set facts_json = '{1}' where session_id = '{0}'", "select facts_json as \"Value\" from actions where session_id = '{0}'")),
        Claimed("the status of a decision", "update actions set status = 'alowed' where session_id = '{0}'", "update actions set status = 'allowed' where session_id = '{0}'"),
        Claimed("the execution of a decision", "update actions set execution = 'klaimed' where session_id = '{0}'", "update actions set execution = 'none' where session_id = '{0}'"),
        Claimed("the end of a decision's time", "update actions set expires_at = null where session_id = '{0}'", "update actions set expires_at = requested_at where session_id = '{0}'") with { Later = TimeSpan.FromMinutes(31), After = 409 },
    ];

    public async Task PrepareAsync()
    {
        await fleet.OwnAsync("data", new { autonomy = "autonomous" });
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/data", new { data_scopes = new[] { "claims" } })).Expect(200);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/principals/known@example.com", new { data_scopes = new[] { "other" } })).Expect(200);
    }

    /// <summary>Spoils a row, asks or claims, and mends it again.</summary>
    public async Task SpoilAsync(BadRow row, int number)
    {
        var session = $"bad-{number}";
        await row.Before(stories, fleet, session);
        var was = row.Was is { } asks ? await ReadAsync(Of(asks, session)) : "";
        await RunAsync(Of(row.Spoil, session));
        clock.Advance(row.Later);
        var spoilt = await row.Step(host, session);
        stories.Expect(spoilt.Status != 200 || (spoilt.Body.TryGetProperty("proceed", out var proceed) && !proceed.GetBoolean()), $"{session}: with a bad row of {row.Name} ({row.Spoil}) it goes: {spoilt.Body}");
        await RunAsync(Of(row.Mend, session, was));
        var after = await row.Step(host, session);
        stories.Expect(after.Status == row.After, $"{session}: once {row.Name} is mended ({row.Spoil}) it is answered {after.Status}: {after.Body}");
        Struck++;
    }

    /// <summary>The audit trail is not there: a person's approval is refused, and from there on nothing goes until it is back.</summary>
    public async Task WithoutAuditAsync(int number)
    {
        var session = $"audit-{number}";
        var handoff = await host.Agent.PendingAsync(session);
        await RunAsync("alter table audit_records rename to audit_records_elsewhere");
        var approved = await host.Admin.ApproveAsync(handoff);
        stories.Expect(approved.Status == 503, $"{session}: approved without an audit trail with {approved.Status}");
        var asked = await host.Agent.PostAsync($"/api/v1/sessions/{session}-2/actions", new GateCase("", "allow").Question("a-1"));
        stories.Gives(asked, false, "asked without an audit trail");
        await RunAsync("alter table audit_records_elsewhere rename to audit_records");
        await Eventually.HoldsAsync("the audit trail can be written again", () => host.Services<AuditStanding>().IsPossible);
        stories.Expect((await host.Admin.ApproveAsync(handoff)).Status == 200, $"{session}: not approved with an audit trail");
        Struck += 2;
    }

    /// <summary>
    /// The keys that grants are signed with are not what they were: what they have signed is taken from nobody, and a key of the console's own takes over, until they are again.
    /// </summary>
    public async Task WithSpoiltKeysAsync(int number)
    {
        var session = $"keys-{number}";
        Task<Answer> RedeemAsync(string grant) => host.Agent.PostAsync("/api/v1/grants/redeem", new { grant, claim_id = "c-1" });
        var before = (await stories.AllowedAsync(session)).Text("grant");
        await RunAsync("update grant_keys set x = 'spoilt-' || x");
        clock.Advance(ReadAgain);
        var refused = await RedeemAsync(before);
        stories.Expect(refused.Status == 400, $"{session}: a grant of a spoilt key is answered {refused.Status}: {refused.Body}");
        var fresh = (await stories.AllowedAsync($"{session}-2")).Text("grant");
        var listed = (await host.Anonymous.ReadAsync("/.well-known/jwks.json")).Expect(200)["keys"];
        stories.Expect(listed.GetArrayLength() == 1 && !listed.ToString().Contains("spoilt", StringComparison.Ordinal), $"{session}: spoilt keys are listed: {listed}");
        stories.Expect((await RedeemAsync(fresh)).Status == 200, $"{session}: a grant of the key that took over is not taken");
        await RunAsync("update grant_keys set x = substr(x, 8) where x like 'spoilt-%'");
        clock.Advance(ReadAgain);
        var mended = await RedeemAsync(before);
        stories.Expect(mended.Status == 200, $"{session}: once its key is mended a grant is answered {mended.Status}: {mended.Body}");
        Struck++;
    }

    private static BadRow Own(string name, string spoil, string mend, string? was = null) => new(name, spoil, mend, was)
    {
        Before = (_, fleet, session) => fleet.OwnAsync($"own-{session}", new { autonomy = "suggest" }),
        Step = (host, session) => AskAsync(host, session, new GateCase("", "review", $"own-{session}")),
    };

    private static BadRow Asked(string name, string spoil, string mend, GateCase asked, Func<GateStories, GateFleet, string, Task>? before = null) => new(name, spoil, mend)
    {
        Before = before ?? ((_, _, _) => Task.CompletedTask),
        Step = (host, session) => AskAsync(host, session, asked),
    };

    private static BadRow Claimed(string name, string spoil, string mend, string? was = null) => new(name, spoil, mend, was)
    {
        Before = (stories, _, session) => stories.AllowedAsync(session),
        Step = (host, session) => host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { claim_id = "c-1" }),
    };

    private static Task<Answer> AskAsync(ConsoleHost host, string session, GateCase asked) => host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", asked.Question("a-9"));

    private static string Of(string sql, string session, string was = "") =>
        sql.Replace("{0}", session, StringComparison.Ordinal).Replace("{1}", was.Replace("'", "''", StringComparison.Ordinal), StringComparison.Ordinal);

    /// <summary>Past the console, on a connection of its own. Braces would be parameters.</summary>
    private async Task RunAsync(string sql)
    {
        await using var db = Suite.Open(database);
        await db.Database.ExecuteSqlRawAsync(sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
    }

    private async Task<string> ReadAsync(string sql)
    {
        await using var db = Suite.Open(database);
        return await db.Database.SqlQueryRaw<string>(sql).SingleAsync();
    }
}
