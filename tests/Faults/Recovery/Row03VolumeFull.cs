using System.Globalization;
using Handrail.Faults.Decisions;
using Handrail.Faults.Ingest;
using Handrail.Store;

namespace Handrail.Faults.Recovery;

/// <summary>Row 3: the volume that the database is on has no room left, and then has some again.</summary>
public sealed class Row03VolumeFull
{
    private const int Mebibytes = 96;
    private const int SpansPerSecond = 2_000;
    private const int Seed = 0x0F11;

    [Theory, Databases]
    public async Task Row_03_a_full_volume_refuses_what_it_can_t_store_stops_all_the_same_and_goes_on_by_itself_once_there_is_room(DatabaseProvider provider)
    {
        using var volume = SmallVolume.Mount(Mebibytes);
        var cluster = provider == DatabaseProvider.Postgres ? await Suite.ClusterAsync() : null;
        var settings = cluster is null
            ? new ConsoleSettings { DataFolder = Path.Combine(volume.Folder, "data") }
            : new ConsoleSettings { Provider = provider, ConnectionString = await cluster.CreateInAsync(volume.Folder) };

        await FillAsync(settings, volume, "Row 3", () => Task.CompletedTask);

        if (cluster is not null)
        {
            await cluster.DropInAsync(settings.ConnectionString!);
        }
    }

    /// <summary>PostgreSQL ends where it can't write its log, and may have to be started again; the console need not.</summary>
    [Fact]
    public async Task Row_03_a_full_volume_of_PostgreSQLs_log_loses_nothing_and_the_console_goes_on_by_itself_once_the_server_is_back()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        using var volume = SmallVolume.Mount(Mebibytes);
        await using var cluster = await PrivatePostgres.StartAsync(durable: true, volume.Folder);
        var settings = new ConsoleSettings { Provider = DatabaseProvider.Postgres, ConnectionString = await cluster.CreateDatabaseAsync() };
        await FillAsync(settings, volume, "Row 3, the log's volume", () => Eventually.HoldsAsync("the server is back", async () =>
        {
            if (!cluster.Runs)
            {
                await cluster.ContinueAsync();
            }

            return await Record.ExceptionAsync(() => cluster.CreateDatabaseAsync()) is null;
        }));
        Assert.Contains("No space left on device", await File.ReadAllTextAsync(Path.Combine(cluster.Folder, "log")));
    }

    /// <param name="settings">Of a console whose database writes to the volume.</param>
    /// <param name="volume">Is filled while all go on.</param>
    /// <param name="row">What the figures are of.</param>
    /// <param name="onceFreed">What somebody has to do once there is room again.</param>
    private static async Task FillAsync(ConsoleSettings settings, SmallVolume volume, string row, Func<Task> onceFreed)
    {
        await using var console = await ConsoleProcess.StartAsync(settings);
        await GateLoad.PrepareAsync(console);
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        using var sender = new LedgerSender(Seed, SpansPerSecond);
        using var load = new GateLoad(() => console.Address, () => console.Address);
        (await agent.PostAsync("/api/v1/sessions/s-runs-away/actions", HandoffCalls.Expense("a-1", 10m))).Expect(200);
        using var enough = new CancellationTokenSource();
        var running = Task.WhenAll(sender.RunAsync(() => console.OtlpHttp, enough.Token), load.RunAsync(enough.Token));
        var (fillings, refusals) = (Suite.Of(1, 10), 0);
        for (var filling = 0; filling < fillings; filling++)
        {
            var (acknowledged, done) = (sender.Acknowledged + SpansPerSecond, load.Done + 5);
            await Eventually.HoldsAsync("telemetry and gate go on", () => sender.Acknowledged >= acknowledged && load.Done >= done);
            volume.Fill();
            var again = sender.SentAgain;
            await Eventually.HoldsAsync("telemetry is refused", () =>
            {
                // What the database frees meanwhile is filled as well.
                volume.Fill();
                return sender.SentAgain >= again + 40;
            });
            if (filling == 0)
            {
                (await admin.PostAsync("/api/v1/sessions/s-runs-away/stop", new { reason = "the disk is full and it runs away" })).Expect(200, 202);
                var next = (await agent.PostAsync("/api/v1/sessions/s-runs-away/actions", HandoffCalls.Expense("a-2", 10m))).Expect(200, 503);
                Assert.True(next.Status == 503 || next.Text("verdict") == "stop", $"{next.Body}");
                (await agent.PostAsync("/api/v1/sessions/s-runs-away/actions/a-1/claim", new { })).Expect(409, 503);
                Assert.Equal("stopped", (await agent.ReadAsync("/api/v1/sessions/s-runs-away/control?after=0")).Expect(200).Text("state"));
            }

            refusals += sender.SentAgain - again;
            volume.Free();
            await onceFreed();
        }

        var (spans, actions) = (sender.Acknowledged + SpansPerSecond, load.Done + 5);
        await Eventually.HoldsAsync("all goes on without a restart", () => sender.Acknowledged >= spans && load.Done >= actions);
        await enough.CancelAsync();
        await running;
        Assert.Empty(sender.Faults);
        await sender.Ledger.ExpectSpansAsync(console);
        await load.ExpectAsync(console);
        await Eventually.HoldsAsync("the stop is on record", async () => (await admin.ReadAsync("/api/v1/audit?act=session.stop")).Expect(200)["items"].GetArrayLength() == 1);
        Assert.Equal("stop", (await agent.PostAsync("/api/v1/sessions/s-runs-away/actions", HandoffCalls.Expense("a-3", 10m))).Expect(200).Text("verdict"));
        Figures.Say(row, settings.Provider, string.Create(CultureInfo.InvariantCulture,
            $"a volume of {Mebibytes} MiB filled {fillings} times; {refusals} requests refused to come again, {sender.Acknowledged:n0} spans acknowledged and stored once, {load.Done} actions each once; stopped while it was full, on by itself once there was room"),
            volume.Folder);
    }
}
