using System.Globalization;
using Handrail.Faults.Decisions;
using Handrail.Faults.Ingest;
using Handrail.Store;

namespace Handrail.Faults.Recovery;

/// <summary>Row 4: PostgreSQL is stopped and started again, and connections are cut when a commit is done and its answer is on its way.</summary>
public sealed class Row04DatabaseGone
{
    private const int SpansPerSecond = 1_000;
    private const int Seed = 0x0DB;

    /// <summary>So many times every lane of a client has tried while the database was away.</summary>
    private const int TriesWhileAway = 40;

    [Fact]
    public async Task Row_04_no_success_while_PostgreSQL_is_down_nothing_is_lost_and_a_retried_decision_gets_the_first_answer()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        await using var cluster = await PrivatePostgres.StartAsync(durable: true);
        await using var proxy = new CuttingProxy(await cluster.CreateDatabaseAsync());
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = DatabaseProvider.Postgres, ConnectionString = proxy.ConnectionString });
        await GateLoad.PrepareAsync(console);
        using var sender = new LedgerSender(Seed, SpansPerSecond);
        using var load = new GateLoad(() => console.Address, () => console.Address);
        using var enough = new CancellationTokenSource();
        var running = Task.WhenAll(sender.RunAsync(() => console.OtlpHttp, enough.Token), load.RunAsync(enough.Token));

        // The proxy cuts whichever commit comes next: until one was a person's decision.
        while (proxy.Cuts < Suite.Of(12, 300) || load.ToldWhoDecided < Suite.Of(1, 20))
        {
            var before = proxy.Cuts;
            proxy.Arm();
            await Eventually.HoldsAsync("a connection is cut after its commit", () => proxy.Cuts > before);
        }

        var (outages, away) = (Suite.Of(2, 4), TimeSpan.Zero);
        for (var outage = 0; outage < outages; outage++)
        {
            away += await OutageAsync(cluster, sender, load, immediately: outage % 2 == 0);
        }

        await enough.CancelAsync();
        await running;
        Assert.Empty(sender.Faults);
        await sender.Ledger.ExpectSpansAsync(console);
        await load.ExpectAsync(console);
        Figures.Say("Row 4", DatabaseProvider.Postgres, string.Create(CultureInfo.InvariantCulture,
            $"{proxy.Cuts} connections cut after COMMIT, {outages} outages of {away.TotalSeconds:0} s in all; {sender.Acknowledged:n0} spans acknowledged and stored once ({sender.SentAgain} requests sent again), {load.Done} actions and {load.Waited} decisions of people each once ({load.Again} calls made again, {load.ToldWhoDecided} told that they had decided)"),
            cluster.Folder);
    }

    /// <returns>How long it lasted.</returns>
    private static async Task<TimeSpan> OutageAsync(PrivatePostgres cluster, LedgerSender sender, GateLoad load, bool immediately)
    {
        await cluster.PauseAsync(immediately);
        var begun = TimeProvider.System.GetTimestamp();

        // What was committed before may be answered still. Whoever has tried since then was refused.
        await RefusedAsync(sender, load, LedgerSender.Lanes * 2);
        var (acknowledged, done) = (sender.Acknowledged, load.Done);
        await RefusedAsync(sender, load, TriesWhileAway);
        if (LongRun.Wanted)
        {
            await Task.Delay(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((acknowledged, done), (sender.Acknowledged, load.Done));
        var lasted = TimeProvider.System.GetElapsedTime(begun);
        await cluster.ContinueAsync();
        await Eventually.HoldsAsync("telemetry and gate go on", () => sender.Acknowledged > acknowledged + SpansPerSecond && load.Done > done + 20);
        return lasted;
    }

    private static Task RefusedAsync(LedgerSender sender, GateLoad load, int times)
    {
        var (sent, asked) = (sender.SentAgain + times, load.Again + times);
        return Eventually.HoldsAsync("telemetry and gate are refused", () => sender.SentAgain >= sent && load.Again >= asked);
    }
}
