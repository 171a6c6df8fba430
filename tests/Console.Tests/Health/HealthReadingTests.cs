using System.Text.Json;
using Handrail.Host;
using Handrail.Notify;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Health;

/// <summary>The console's health as a script reads it.</summary>
public sealed class HealthReadingTests
{
    [Theory, Databases]
    public async Task It_tells_what_came_in_what_was_rejected_and_of_whom_who_is_connected_and_how_jobs_do(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk"))).Expect(200);
        var broken = new { resourceSpans = new[] { new { scopeSpans = new[] { new { spans = new[] { new { traceId = "00", spanId = "01", name = "x" } } } } } } };
        (await host.Agent.PostAsync("/v1/traces", broken)).Expect(200);
        (await host.Client("hra_guessed").PostAsync("/v1/traces", broken)).Expect(401);
        using var text = new StringContent("nonsense", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(400, (int)(await host.Agent.PostAsync("/v1/traces", text)).StatusCode);
        var held = host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0&wait=30");
        using var listening = new CancellationTokenSource();
        var events = host.Agent.GetStreamAsync("/api/v1/agents/desk/events", listening.Token);

        JsonElement clients = default;
        await Eventually.HoldsAsync("both are counted", async () =>
        {
            clients = (await host.Admin.ReadAsync("/api/v1/health")).Expect(200)["clients"];
            return clients.GetProperty("long_polls").GetInt32() == 1 && clients.GetProperty("events").GetInt32() == 1;
        });
        await using (await events)
        {
            await listening.CancelAsync();
        }

        await Eventually.HoldsAsync("who went is counted no more", async () => (await host.Admin.ReadAsync("/api/v1/health"))["clients"].GetProperty("events").GetInt32() == 0);
        await Eventually.HoldsAsync("jobs have run", async () => (await host.Admin.ReadAsync("/api/v1/health"))["jobs"].EnumerateArray().Any(j =>
            j.GetProperty("name").GetString() == "Retention" && j.GetProperty("succeeded_at").ValueKind == JsonValueKind.String));
        var health = (await host.Admin.ReadAsync("/api/v1/health")).Expect(200);
        Assert.True(health["ingest"].GetProperty("p99_seconds").GetDouble() > 0);
        Assert.True(health["database"].GetProperty("bytes").GetInt64() > 10_000);
        Assert.Equal(
            ["a trace id is not 16 bytes other than zero", "no valid key", "the body can't be read"],
            health["rejected"].EnumerateArray().Select(r => r.GetProperty("reason").GetString()).Order());
        var rejected = health["rejected"].EnumerateArray().Single(r => r.GetProperty("records").GetInt64() == 1);
        Assert.Equal("default", rejected.GetProperty("team").GetString());
        Assert.Equal("look", health["checks"].EnumerateArray().Single(c => c.GetProperty("id").GetString() == "rejected").GetProperty("state").GetString());
        await host.Admin.PostAsync("/api/v1/sessions/s-1/pause", new { reason = "enough" });
        await held;
    }

    [Theory, Databases]
    public async Task Messages_that_pile_up_undelivered_are_an_alert_once(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var now = TimeProvider.System.GetUtcNow();
        await host.Services<HandrailStore>().WriteAsync(
            unit =>
            {
                unit.Db.Deliveries.AddRange(Enumerable.Range(0, HealthChecks.Pile).Select(n => new Delivery
                {
                    Id = $"msg-{n}", NoticeId = $"n-{n}", ChannelId = "ch-1", Status = DeliveryStatus.Dead, Attempts = 9, CreatedAt = now.AddHours(-25), NextAttemptAt = now, GiveUpAt = now, AttemptedAt = now,
                }));
                return Task.CompletedTask;
            },
            default);

        for (var look = 0; look < 4; look++)
        {
            await host.Services<HealthWatch>().LookAsync(default);
        }

        var alert = Assert.Single((await host.Admin.ReadAsync("/api/v1/notifications/alerts")).Expect(200)["items"].EnumerateArray());
        Assert.Equal(("console:dead_letters", "console_unwell", "The console: Messages given up"), (alert.GetProperty("cause").GetString(), alert.GetProperty("kind").GetString(), alert.GetProperty("title").GetString()));
        Assert.Equal("broken", (await host.Admin.ReadAsync("/api/v1/health"))["state"].GetString());
    }

    [Fact]
    public async Task On_call_staff_sees_it_as_administrators_do_and_nobody_else_does()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        (await (await host.PersonAsync("OnCall")).Client.ReadAsync("/api/v1/health")).Expect(200);
        foreach (var role in new[] { "Owner", "Reviewer", "Viewer" })
        {
            (await (await host.PersonAsync(role)).Client.ReadAsync("/api/v1/health")).Expect(403);
        }
    }
}
