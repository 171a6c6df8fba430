using System.Globalization;
using Handrail.Faults.Gate;
using Handrail.Host;
using Handrail.Recovery;
using Handrail.Store;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Faults.Clocks;

/// <summary>Row 11: the console's clock is set by ten minutes, forward and back, while things are on their way to their expiry and breakers count.</summary>
public sealed class Row11Clocks
{
    private const string Payer = "payer";

    private static readonly TimeSpan Ten = TimeSpan.FromMinutes(10);

    /// <summary>How the date is set: at once, and, where there are two, once more.</summary>
    private static readonly TimeSpan[][] Settings = [[Ten], [-Ten], [Ten, -Ten], [-Ten, Ten], [-Ten, -Ten], [Ten, Ten]];

    [Theory, Databases]
    public async Task Row_11_nothing_is_used_past_its_expiry_and_no_breaker_is_fooled_however_the_consoles_clock_is_set(DatabaseProvider provider)
    {
        var (used, refused, trips) = (0, 0, 0);
        var rounds = Suite.Of(1, 10);
        var time = new SteppedTime();
        await using var host = await StartAsync(provider, time);
        await PrepareAsync(host);
        var colleague = (await host.PersonAsync("OnCall")).Client;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (i, setting) in Settings.Index())
            {
                var name = $"c-{round}-{i}";

                // Each begins with a date that is right by the console's own clock.
                time.Set(Now(host) - time.GetUtcNow());
                refused += await ExpiriesAsync(host, colleague, time, setting, name);
                trips += await BreakersAsync(host, time, setting, name);
                used += await NotTooEarlyAsync(host, time, setting, name);
            }
        }

        Figures.Say("Row 11", provider, string.Create(CultureInfo.InvariantCulture,
            $"the console's clock set {rounds * Settings.Sum(s => s.Length)} times by ten minutes: {refused} uses past an expiry refused, {used} in time taken, {trips} trips at the true figure and as many counts below it that trip nothing"), null);
    }

    [Fact]
    public async Task Row_11_two_consoles_whose_clocks_are_twenty_minutes_apart_agree_on_every_expiry()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var (ahead, behind) = (new SteppedTime(), new SteppedTime());
        ahead.Set(Ten);
        behind.Set(-Ten);
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Postgres);
        await using var one = await ConsoleHost.StartAsync(database, host => Configure(host, ahead));
        await PrepareAsync(one);
        await using var other = await ConsoleHost.StartAsync(database, host => Configure(host, behind));
        var reviewer = (await one.PersonAsync("Reviewer")).Client.DefaultRequestHeaders.Authorization!.Parameter;
        var refused = 0;
        foreach (var (i, (here, there)) in new[] { (one, other), (other, one) }.Index())
        {
            var name = $"t-{i}";
            var allowed = await AskAsync(here, name, "a-1", 10m);
            var (pending, leased) = (await AskAsync(here, name + "-p", "a-1", 80m), await AskAsync(here, name + "-l", "a-1", 80m));
            (await here.Admin.PostAsync($"/api/v1/handoffs/{leased.Text("handoff_id")}/claim", new { })).Expect(200);
            using var second = there.Client(reviewer);
            (await second.ApproveAsync(leased.Text("handoff_id"))).Expect(409);

            // In time on the one what is in time on the other.
            var sooner = await AskAsync(here, name + "-s", "a-1", 10m);
            (await there.Agent.PostAsync("/api/v1/grants/redeem", new { grant = sooner.Text("grant") })).Expect(200);
            ahead.Pass(TimeSpan.FromSeconds(121));
            behind.Pass(TimeSpan.FromSeconds(121));
            (await there.Admin.ApproveAsync(pending.Text("handoff_id"))).Expect(409);
            ahead.Pass(TimeSpan.FromSeconds(200));
            behind.Pass(TimeSpan.FromSeconds(200));
            (await there.Agent.PostAsync("/api/v1/grants/redeem", new { grant = allowed.Text("grant") })).Expect(409);
            ahead.Pass(TimeSpan.FromMinutes(26));
            behind.Pass(TimeSpan.FromMinutes(26));
            (await there.Agent.PostAsync($"/api/v1/sessions/{name}/actions/a-1/claim", new { })).Expect(409);
            refused += 4;
        }

        Figures.Say("Row 11, two consoles", DatabaseProvider.Postgres, $"clocks twenty minutes apart: {refused} uses past an expiry that the other had given refused", null);
    }

    /// <summary>PostgreSQL's clock is not the machine's, and goes on without the console.</summary>
    [Fact]
    public async Task Row_11_a_console_that_starts_again_on_a_date_set_back_gives_nothing_more_time_than_it_had()
    {
        var time = new SteppedTime();
        var folder = Directory.CreateTempSubdirectory("handrail-test-").FullName;
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        void InFolder(Microsoft.AspNetCore.Hosting.IWebHostBuilder host, string restored = "false")
        {
            host.UseSetting("Data:Directory", folder).UseSetting("Data:Restored", restored);
            Configure(host, time);
        }

        string grant, pending;
        DateTimeOffset ended;
        await using (var host = await ConsoleHost.StartAsync(database, h => InFolder(h)))
        {
            await PrepareAsync(host);
            grant = (await AskAsync(host, "r-g", "a-1", 10m)).Text("grant");
            pending = (await AskAsync(host, "r-p", "a-1", 80m)).Text("handoff_id");
            time.Pass(TimeSpan.FromMinutes(6));

            // As every ten seconds.
            await host.Services<RecogniseRestore>().BeatAsync(default);
            ended = Now(host);
        }

        time.Set(-Ten);
        await using (var host = await ConsoleHost.StartAsync(database, h => InFolder(h)))
        {
            Assert.InRange(Now(host), ended, ended + TimeSpan.FromMinutes(5));
            (await host.Agent.PostAsync("/api/v1/grants/redeem", new { grant })).Expect(409);
            (await host.Admin.ApproveAsync(pending)).Expect(409);

            // By the time that passes, it has its own again.
            var fresh = (await AskAsync(host, "r-f", "a-1", 10m)).Text("grant");
            (await host.Agent.PostAsync("/api/v1/grants/redeem", new { grant = fresh })).Expect(200);
        }

        // Whose date was wrong before says so, and nothing goes until a person has looked.
        await using (var host = await ConsoleHost.StartAsync(database, h => InFolder(h, restored: "true")))
        {
            Assert.InRange(Now(host), ended - Ten, ended);
            (await host.Agent.PostAsync("/api/v1/sessions/r-n/actions", new GateCase("", "", Payer) { Amount = 10m }.Question("a-1"))).Expect(409);
        }

        Directory.Delete(folder, recursive: true);
        Figures.Say("Row 11, started again", DatabaseProvider.Sqlite, "a date set back by ten minutes while it was down: what was over stays over", null);
    }

    /// <returns>Uses that were refused because their time was over: by the time that had passed, and not by the date.</returns>
    private static async Task<int> ExpiriesAsync(ConsoleHost host, HttpClient colleague, SteppedTime time, TimeSpan[] setting, string name)
    {
        var grant = (await AskAsync(host, name + "-g", "a-1", 10m)).Text("grant");
        await AskAsync(host, name + "-a", "a-1", 10m);
        var approved = await AskAsync(host, name + "-h", "a-1", 80m);
        (await host.Admin.ApproveAsync(approved.Text("handoff_id"))).Expect(200);
        var pending = (await AskAsync(host, name + "-p", "a-1", 80m)).Text("handoff_id");
        await AskAsync(host, name + "-c", "a-1", 10m);
        (await host.Agent.PostAsync($"/api/v1/sessions/{name}-c/actions/a-1/claim", new { claim_id = "c" })).Expect(200);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name, expires_at = Now(host) + TimeSpan.FromMinutes(5) })).Expect(200, 201).Text("key");
        await AskAsync(host, name + "-t", "a-1", 10m);
        (await host.Admin.PostAsync($"/api/v1/sessions/{name}-t/take-over", new { reason = "mine" })).Expect(200);
        Set(time, setting);

        time.Pass(TimeSpan.FromSeconds(121));
        (await host.Admin.ApproveAsync(pending)).Expect(409);
        await Eventually.HoldsAsync("silence is a no", async () => (await host.Admin.ReadAsync($"/api/v1/handoffs/{pending}")).Expect(200).Text("status") == "expired");
        Assert.Equal("expired", (await host.Agent.ReadAsync($"/api/v1/sessions/{name}-p/actions/a-1")).Expect(200).Text("status"));
        time.Pass(TimeSpan.FromSeconds(190));
        (await host.Agent.PostAsync("/api/v1/grants/redeem", new { grant })).Expect(409);
        using var expired = host.Client(key);
        (await expired.ReadAsync("/api/v1/agents/payer/policy")).Expect(401);
        time.Pass(TimeSpan.FromMinutes(5));
        await Eventually.HoldsAsync("what nobody reported is unknown", async () =>
            (await host.Agent.ReadAsync($"/api/v1/sessions/{name}-c/actions/a-1")).Expect(200).Text("execution") == "unknown");
        (await host.Agent.PostAsync($"/api/v1/sessions/{name}-c/actions/a-1/claim", new { claim_id = "c" })).Expect(409);
        time.Pass(TimeSpan.FromMinutes(21));
        foreach (var session in new[] { name + "-a", name + "-h" })
        {
            (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { claim_id = "c" })).Expect(409);
            var stands = (await host.Agent.ReadAsync($"/api/v1/sessions/{session}/actions/a-1")).Expect(200);
            Assert.Equal(("expired", false), (stands.Text("status"), stands["proceed"].GetBoolean()));
        }

        // Whose hands a session is in is over too, for want of a sign of them.
        (await colleague.PostAsync($"/api/v1/sessions/{name}-t/take-over", new { reason = "mine now" })).Expect(200);
        return 7;
    }

    /// <returns>Uses that were taken because their time was not over: a date that is set back takes nothing from anybody.</returns>
    private static async Task<int> NotTooEarlyAsync(ConsoleHost host, SteppedTime time, TimeSpan[] setting, string name)
    {
        if (setting.Any(s => s > TimeSpan.Zero))
        {
            // Time may have passed in the machine's sleep: then it is over.
            return 0;
        }

        var grant = (await AskAsync(host, name + "-eg", "a-1", 10m)).Text("grant");
        var leased = (await AskAsync(host, name + "-el", "a-1", 80m)).Text("handoff_id");
        (await host.Admin.PostAsync($"/api/v1/handoffs/{leased}/claim", new { })).Expect(200);
        Set(time, setting);
        time.Pass(TimeSpan.FromSeconds(100));
        (await host.Agent.PostAsync("/api/v1/grants/redeem", new { grant })).Expect(200);
        (await host.Admin.ApproveAsync(leased)).Expect(200);
        (await host.Agent.PostAsync($"/api/v1/sessions/{name}-el/actions/a-1/claim", new { })).Expect(200);
        return 3;
    }

    /// <returns>Breakers that tripped at the true figure.</returns>
    private static async Task<int> BreakersAsync(ConsoleHost host, SteppedTime time, TimeSpan[] setting, string name)
    {
        // Six denials and six model calls within five minutes are one too many, wherever the date is set in between.
        var (session, agent) = (name + "-b", $"counted-{name}");
        await DeniedAsync(host, session, 0, 3);
        await CallsAsync(host, agent, 3, TimeSpan.Zero);
        Set(time, setting);
        time.Pass(TimeSpan.FromSeconds(30));
        await DeniedAsync(host, session, 3, 3);
        await CallsAsync(host, agent, 3, setting[0]);
        Assert.Equal("stop", (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "", "denied").Question("a-9"))).Expect(200).Text("verdict"));
        await Eventually.HoldsAsync($"the agent's breaker trips after {string.Join(", ", setting)}", async () =>
            (await host.Admin.ReadAsync($"/api/v1/handoffs?status=open&kind=breaker&agent={agent}")).Expect(200)["items"].GetArrayLength() == 1);

        // What is long ago does not count, wherever the date is put.
        await DeniedAsync(host, session + "-old", 0, 3);
        time.Pass(Ten);
        Set(time, setting.Where(s => s < TimeSpan.Zero));
        await DeniedAsync(host, session + "-old", 3, 3);
        Assert.Equal("allow", (await host.Agent.PostAsync($"/api/v1/sessions/{session}-old/actions", new GateCase("", "", "denied").Question("a-9"))).Expect(200).Text("verdict"));

        // A session's age is what has passed.
        await host.Agent.PostAsync($"/api/v1/sessions/{session}-age/actions", new GateCase("", "", "aged").Question("a-1"));
        Set(time, setting.Where(s => s < TimeSpan.Zero));
        time.Pass(TimeSpan.FromSeconds(1_801));
        Assert.Equal("stop", (await host.Agent.PostAsync($"/api/v1/sessions/{session}-age/actions", new GateCase("", "", "aged").Question("a-2"))).Expect(200).Text("verdict"));
        return 3;
    }

    private static async Task DeniedAsync(ConsoleHost host, string session, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "", "denied") { Vendor = "Evil Ltd" }.Question($"a-{i}"))).Expect(200);
        }
    }

    /// <summary>Telemetry of an agent whose own clock is off.</summary>
    private static async Task CallsAsync(ConsoleHost host, string agent, int count, TimeSpan off)
    {
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls($"s-{agent}", agent, count, at: Now(host) + off))).Expect(200);
    }

    private static void Set(SteppedTime time, IEnumerable<TimeSpan> setting)
    {
        foreach (var by in setting)
        {
            time.Set(by);
            time.Pass(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task<Answer> AskAsync(ConsoleHost host, string session, string action, decimal amount) =>
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "", Payer) { Amount = amount }.Question(action))).Expect(200);

    private static DateTimeOffset Now(ConsoleHost host) => host.Services<TimeProvider>().GetUtcNow();

    private static async Task PrepareAsync(ConsoleHost host)
    {
        await host.FleetPolicyAsync(new
        {
            autonomy = "bounded",
            limits = new object[] { new { type = "expense.approve", max_amount = 25, currency = "USD" } },
            rules = new object[] { new { id = "no-evil", when = new { field = "vendor", op = "eq", value = "Evil Ltd" }, then = "deny" } },
            review = new { timeout_seconds = 120 },
            breakers = new object[] { new { id = "calls", scope = "agent", metric = "llm_calls", limit = 5, window = "5m", then = "pause" } },
        });
        var fleet = new GateFleet(host);
        await fleet.OwnAsync(Payer, new { autonomy = "autonomous" });
        await fleet.OwnAsync("denied", new { autonomy = "autonomous", breakers = new object[] { new { id = "denied", scope = "session", metric = "denied_actions", limit = 5, window = "5m", then = "stop" } } });
        await fleet.OwnAsync("aged", new { autonomy = "autonomous", breakers = new object[] { new { id = "old", scope = "session", metric = "elapsed_seconds", limit = 1_800, then = "stop" } } });
    }

    private static Task<ConsoleHost> StartAsync(DatabaseProvider provider, SteppedTime time) => ConsoleHost.StartAsync(provider, host => Configure(host, time));

    private static void Configure(Microsoft.AspNetCore.Hosting.IWebHostBuilder host, SteppedTime time) =>
        host.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(new SteadyTime(time)));
}
