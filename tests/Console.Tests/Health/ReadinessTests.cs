using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Health;

/// <summary>Whether this process is to be given work.</summary>
public sealed class ReadinessTests
{
    [Theory, Databases]
    public async Task A_console_whose_writer_stands_still_lives_and_is_not_ready_until_it_goes_on(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, h => h.UseSetting("Ingest:LongestWait", "00:00:02"));
        Assert.Equal(200, (await host.Anonymous.ReadAsync("/readyz")).Status);

        // Known from now on: what a key is used for the first time is written down.
        await TakenAsync("s-0");
        var (held, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var holding = host.Services<HandrailStore>().WriteAsync(
            async unit =>
            {
                if (provider == DatabaseProvider.Postgres)
                {
                    await unit.Db.Database.ExecuteSqlRawAsync("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE");
                }

                held.SetResult();
                await release.Task;
            },
            default);
        await held.Task;
        try
        {
            (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk"))).Expect(503);
            await Eventually.HoldsAsync("it is not ready", async () =>
                await host.Anonymous.GetAsync("/readyz") is { IsSuccessStatusCode: false } answer && (await answer.Content.ReadAsStringAsync()).Contains("stalled", StringComparison.Ordinal));
            Assert.Equal(200, (await host.Anonymous.ReadAsync("/healthz")).Status);
        }
        finally
        {
            // Else the host, which writes at its end, waits for ever.
            release.SetResult();
            await holding;
        }

        await Eventually.HoldsAsync("it is ready again", async () => (await host.Anonymous.ReadAsync("/readyz")).Status == 200);
        await TakenAsync("s-1");

        Task TakenAsync(string session) => Eventually.HoldsAsync(
            "telemetry is taken in", async () => (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls(session, "desk"))).Status == 200);
    }
}
