using System.Diagnostics;
using System.Globalization;
using Handrail.Store;

namespace Handrail.Faults.Ingest;

/// <summary>Row 1: the console is killed again and again while telemetry comes in.</summary>
public sealed class Row01KilledWhileTakingIn
{
    private const int SpansPerSecond = 2_000;
    private const int Seed = 0x0FA17;

    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(3);

    [Theory, Databases]
    public async Task Row_01_over_kills_nothing_acknowledged_is_lost_or_doubled_and_the_cost_is_the_senders_to_the_last_digit(DatabaseProvider provider)
    {
        var kills = Suite.Of(2, 50);
        await using var console = await ConsoleProcess.StartAsync(await Suite.SettingsAsync(provider));
        using var sender = new LedgerSender(Seed, SpansPerSecond);
        using var enough = new CancellationTokenSource();
        var sending = sender.RunAsync(() => console.OtlpHttp, enough.Token);
        var random = new Random(Seed);
        var ready = new List<TimeSpan>();
        for (var kill = 0; kill < kills; kill++)
        {
            // At any moment: of a commit, of a request, between two.
            var until = sender.Acknowledged + random.Next(200, 3_000);
            await Eventually.HoldsAsync("spans are acknowledged", () => sender.Acknowledged >= until);
            await console.KillAsync();
            var begun = Stopwatch.GetTimestamp();
            await console.StartAgainAsync();
            ready.Add(Stopwatch.GetElapsedTime(begun));
        }

        var last = sender.Acknowledged + SpansPerSecond;
        await Eventually.HoldsAsync("spans are acknowledged after the last kill", () => sender.Acknowledged >= last);
        await enough.CancelAsync();
        await sending;

        Assert.Empty(sender.Faults);
        await sender.Ledger.ExpectAsync(console);
        Assert.True(sender.SentAgain >= kills, "No kill cut a request off: this has shown nothing.");
        var total = sender.Ledger.Total;
        Figures.Say("Row 1", provider, string.Create(CultureInfo.InvariantCulture,
            $"{kills} kills, {total.Spans:n0} spans in {sender.Took.TotalSeconds:0} s, {sender.SentAgain} requests sent again, 0 lost, 0 doubled, {total.Cost} USD as counted; ready after {Figures.Seconds(ready)}"),
            await Suite.DiskOfAsync(console));

        // The short run shares its machine with other tests; a start under load shows how loaded it is.
        Assert.True(!LongRun.Wanted || Figures.Median(ready) <= ReadyWithin, $"Ready after {Figures.Seconds(ready)}.");
    }
}
