using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Policies;

/// <summary>Versions of a layer, with several consoles on one database.</summary>
public sealed class VersionTests
{
    [Theory, Databases]
    public async Task A_version_says_who_published_it_why_and_what_changed_and_a_roll_back_is_one_too(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var owner = await host.PersonAsync("Owner");
        await PublishAsync(owner.Client, new { autonomy = "bounded", limits = new[] { new { type = "expense.approve", max_amount = 25, currency = "USD" } } }, "\"1\"", "A start");
        await PublishAsync(owner.Client, new { autonomy = "bounded", limits = new[] { new { type = "expense.approve", max_amount = 80, currency = "USD" } } }, "\"2\"", "Few were rejected");
        (await owner.Client.SendAsync(HttpMethod.Post, "/api/v1/fleet/policy/rollback", new { version = 2, reason = "Too far" }, ifMatch: "\"1\"")).Expect(412);
        (await owner.Client.SendAsync(HttpMethod.Post, "/api/v1/fleet/policy/rollback", new { version = 9, reason = "Too far" }, ifMatch: "\"3\"")).Expect(404);
        (await owner.Client.SendAsync(HttpMethod.Post, "/api/v1/fleet/policy/rollback", new { version = 2, reason = "Too far" }, ifMatch: "\"3\"")).Expect(200);

        var first = (await owner.Client.ReadAsync("/api/v1/fleet/policy/versions?limit=2")).Expect(200);
        var rest = (await owner.Client.ReadAsync($"/api/v1/fleet/policy/versions?limit=2&cursor={first.Text("next_cursor")}")).Expect(200);
        var versions = first["items"].EnumerateArray().Concat(rest["items"].EnumerateArray()).ToList();

        Assert.Equal([4, 3, 2, 1], versions.Select(v => v.GetProperty("version").GetInt32()));
        Assert.Equal(["Too far", "Few were rejected", "A start", "First start"], versions.Select(v => v.GetProperty("reason").GetString()));
        Assert.All(versions.Take(3), v => Assert.Equal(owner.Email, v.GetProperty("by").GetString()));
        var diff = string.Join('\n', versions[0].GetProperty("diff").EnumerateArray());
        Assert.Contains("25", diff, StringComparison.Ordinal);
        Assert.Contains("80", diff, StringComparison.Ordinal);
        Assert.Equal(versions[2].GetProperty("policy").ToString(), versions[0].GetProperty("policy").ToString());
    }

    [Theory, Databases]
    public async Task Of_two_who_publish_at_two_consoles_at_once_one_is_told_that_the_other_was_first(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        for (var version = 1; version <= 10; version++)
        {
            var both = await Task.WhenAll(
                host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "suggest" }, ifMatch: $"\"{version}\""),
                (second ?? host).Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "off" }, ifMatch: $"\"{version}\""));

            Assert.Equal([200, 412], both.Select(a => a.Status).Order());
            Assert.Equal(version + 1, both.Single(a => a.Status == 412)["current"].GetProperty("version").GetInt32());
        }
    }

    [Theory, Databases]
    public async Task A_decision_and_a_publish_at_another_console_never_cross_unseen(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        var published = 1;
        using var over = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 8).Select(AskAllTheTimeAsync).ToArray();

        // Even versions let all go, odd ones send all to people.
        for (var version = 2; version <= 31; version++)
        {
            (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = version % 2 == 0 ? "autonomous" : "suggest" }, ifMatch: "*")).Expect(200);
            Volatile.Write(ref published, version);
        }

        await over.CancelAsync();
        var decided = (await Task.WhenAll(asking)).SelectMany(d => d).ToList();

        Assert.True(decided.Count > 30, $"only {decided.Count} were decided");
        Assert.All(decided, d => Assert.Equal(d.Version % 2 == 0 ? "allow" : "review", d.Verdict));
        Assert.All(decided, d => Assert.True(d.Version >= d.KnownBefore, $"decided by {d.Version} after {d.KnownBefore} was published"));

        async Task<List<(int KnownBefore, int Version, string Verdict)>> AskAllTheTimeAsync(int asker)
        {
            var mine = new List<(int, int, string)>();
            while (!over.IsCancellationRequested)
            {
                var known = Volatile.Read(ref published);
                var answer = (await (second ?? host).Agent.PostAsync($"/api/v1/sessions/s-{asker}/actions", new { action_id = $"a-{mine.Count}", agent = "desk", type = "t" })).Expect(200);
                mine.Add((known, int.Parse(answer.Text("policy_version").Split('.')[0], System.Globalization.CultureInfo.InvariantCulture), answer.Text("verdict")));
            }

            return mine;
        }
    }

    private static async Task PublishAsync(HttpClient client, object policy, string ifMatch, string reason) =>
        (await client.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", policy, ifMatch, reason)).Expect(200);
}
