using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Handrail.Faults.Decisions;
using Handrail.Faults.Ingest;
using Handrail.Store;

namespace Handrail.Faults.SeveralProcesses;

/// <summary>Two consoles on one PostgreSQL behind a load balancer are one console to everybody; and rows of the table that need two.</summary>
public sealed partial class TwoConsolesTests : IAsyncLifetime
{
    private const int Handoffs = 12;
    private const int Seed = 0x2C0;

    private ConsoleProcess _one = null!;
    private ConsoleProcess _other = null!;
    private ReverseProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var settings = await Suite.SettingsAsync(DatabaseProvider.Postgres) with
        {
            Settings = new Dictionary<string, string> { ["Notify:AllowedNetworks"] = "127.0.0.0/8" },
        };
        _one = await ConsoleProcess.StartAsync(settings);
        _other = await ConsoleProcess.StartAsync(settings);
        _proxy = await ReverseProxy.StartAsync(_one, _other);
        await GateLoad.PrepareAsync(_one);
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
            await _other.DisposeAsync();
            await _one.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sign_in_works_on_both_a_decision_on_one_wakes_whoever_waits_on_the_other_a_revoked_key_is_refused_by_both_at_once_and_jobs_run_once()
    {
        await SignInAsync();
        var woken = await WakeAsync();
        await RevokeAsync();
        await TellOnceAsync();
        Figures.Say("Two consoles", DatabaseProvider.Postgres, $"woken after {Figures.Seconds(woken)} by a decision on the other console", (await Suite.ClusterAsync()).Folder);
    }

    [Fact]
    public async Task Row_13_one_of_two_processes_killed_again_and_again_loses_doubles_and_holds_up_nothing()
    {
        var kills = Suite.Of(2, 60);
        using var sender = new LedgerSender(Seed, 1_000);
        using var load = new GateLoad(() => _proxy.Address, () => _proxy.Address);
        using var enough = new CancellationTokenSource();
        var running = Task.WhenAll(sender.RunAsync(() => _proxy.Address, enough.Token), load.RunAsync(enough.Token));
        var random = new Random(Seed);
        var began = Stopwatch.GetTimestamp();
        for (var kill = 0; kill < kills; kill++)
        {
            // In the middle of whatever comes just then.
            var until = load.Done + random.Next(10, 60);
            await Eventually.HoldsAsync("actions are carried out", () => load.Done >= until);
            var victim = random.Next(2) == 0 ? _one : _other;
            await victim.KillAsync();
            var (done, spans) = (load.Done + 10, sender.Acknowledged + 200);
            await Eventually.HoldsAsync("the other carries on", () => load.Done >= done && sender.Acknowledged >= spans);
            await victim.StartAgainAsync();
        }

        await enough.CancelAsync();
        await running;
        Assert.Empty(sender.Faults);
        await sender.Ledger.ExpectSpansAsync(_one);
        await load.ExpectAsync(_other);
        Figures.Say("Row 13", DatabaseProvider.Postgres, string.Create(CultureInfo.InvariantCulture,
            $"{kills} kills of one of two in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s; {sender.Acknowledged:n0} spans, {load.Done} actions and {load.Waited} decisions of people each once ({sender.SentAgain + load.Again} calls made again, {load.ToldWhoDecided} told that they had decided)"),
            (await Suite.ClusterAsync()).Folder);
    }

    /// <summary>The form comes from one console and is answered by the other; the cookie is good at both.</summary>
    private async Task SignInAsync()
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _proxy.Address };
        for (var signIn = 0; signIn < 4; signIn++)
        {
            var form = await browser.GetStringAsync("/sign-in");
            using var filled = new FormUrlEncodedContent(
            [
                new("_handler", "sign-in"), new("__RequestVerificationToken", Token().Match(form).Groups[1].Value), new("Input.Email", ConsoleProcess.AdminEmail), new("Input.Password", ConsoleProcess.AdminPassword),
            ]);
            using var answer = await browser.PostAsync("/sign-in", filled);
            var cookie = answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.LastOrDefault(c => c.StartsWith("handrail=", StringComparison.Ordinal)) : null;
            Assert.True(cookie is not null, $"Sign-in answered {answer.StatusCode}.");
            foreach (var console in new[] { _one, _other })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(console.Address, "/inbox"));
                request.Headers.Add("Cookie", cookie.Split(';')[0]);
                using var page = await browser.SendAsync(request);
                Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            }
        }

        // One more or fewer: the next form comes from the other console.
        (await browser.GetAsync("/healthz")).Dispose();
    }

    /// <returns>How long after the decision each agent that waited on the other console was answered.</returns>
    private async Task<List<TimeSpan>> WakeAsync()
    {
        var times = new List<TimeSpan>();
        using var here = _one.AsAdministrator();
        using var there = _other.AsAgent();
        for (var i = 0; i < Handoffs; i++)
        {
            var handoff = await there.PendingAsync($"wake-{i}");
            var waiting = there.ReadAsync($"/api/v1/sessions/wake-{i}/actions/a-1?wait=60");
            var decided = (await here.ApproveAsync(handoff)).Expect(200);
            var since = Stopwatch.GetTimestamp();
            var heard = (await waiting).Expect(200);
            times.Add(Stopwatch.GetElapsedTime(since));
            Assert.Equal((decided.Text("status"), decided.Text("decided_by")), (heard.Text("status"), heard.Text("decided_by")));
        }

        return times;
    }

    private async Task RevokeAsync()
    {
        using var admin = _one.AsAdministrator();
        for (var i = 0; i < 6; i++)
        {
            var key = (await admin.PostAsync("/api/v1/keys", new { name = $"leaked {i}" })).Expect(200, 201);
            var thieves = new[] { _one, _other }.Select(console =>
            {
                var client = console.AsStranger();
                client.DefaultRequestHeaders.Authorization = new("Bearer", key.Text("key"));
                return client;
            }).ToList();
            foreach (var thief in thieves)
            {
                // Both consoles know the key well by now.
                (await thief.PostAsync($"/api/v1/sessions/key-{i}/actions", HandoffCalls.Expense($"a-{thieves.IndexOf(thief)}", 10m))).Expect(200);
                (await thief.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
            }

            (await admin.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{key.Text("id")}", null)).Expect(200, 204);
            foreach (var thief in thieves)
            {
                (await thief.PostAsync($"/api/v1/sessions/key-{i}/actions", HandoffCalls.Expense("a-late", 10m))).Expect(401);
                (await thief.PostAsync($"/api/v1/sessions/key-{i}/actions/a-0/claim", new { })).Expect(401);
                (await thief.PostAsync("/v1/traces", OtlpJson.ModelCalls($"key-{i}", "desk"))).Expect(401);
                (await thief.ReadAsync($"/api/v1/sessions/key-{i}/actions/a-0")).Expect(401);
            }
        }
    }

    /// <summary>Messages go out by jobs: each once, though both consoles look for work; and so is every deadline dealt with.</summary>
    private async Task TellOnceAsync()
    {
        using var receiver = new HttpReceiver();
        using var admin = _one.AsAdministrator();
        using var http = new HttpClient { BaseAddress = _proxy.Address, DefaultRequestHeaders = { Authorization = new("Bearer", ConsoleProcess.AgentKey) } };
        var channel = (await admin.PostAsync("/api/v1/notifications/channels", new { name = "Hook", kind = "webhook", url = receiver.Address })).Expect(200, 201)["channel"].GetProperty("id").GetString();
        (await admin.PostAsync("/api/v1/notifications/rules", new { name = "Expired", channel_id = channel, kinds = new[] { "handoff_expired" } })).Expect(200, 201);
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "suggest", review = new { timeout_seconds = 1 } }, ifMatch: "*")).Expect(200);
        var handoffs = await Task.WhenAll(Enumerable.Range(0, Handoffs).Select(i => http.PendingAsync($"tell-{i}")));
        await Eventually.HoldsAsync("every expiry is told", () => receiver.All.Select(r => r.Id).Distinct().Count() >= Handoffs);
        foreach (var handoff in handoffs)
        {
            Assert.Equal(["handoff.expire"], (await admin.ReadAsync($"/api/v1/audit?target=handoff:{handoff}")).Expect(200)["items"].EnumerateArray().Select(d => d.GetProperty("act").GetString()));
        }

        Assert.Equal(Handoffs, receiver.All.Count);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
