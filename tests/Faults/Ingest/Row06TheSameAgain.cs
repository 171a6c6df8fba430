using System.Globalization;
using Handrail.Store;

namespace Handrail.Faults.Ingest;

/// <summary>Row 6: the same requests three times, in any order, by way of two processes where a database has two.</summary>
public sealed class Row06TheSameAgain
{
    private const int Seed = 0x5A3E;
    private const int Times = 3;

    [Theory, Databases]
    public async Task Row_06_the_same_batch_three_times_shuffled_over_two_processes_counts_once(DatabaseProvider provider)
    {
        var settings = await Suite.SettingsAsync(provider);
        await using var one = await ConsoleProcess.StartAsync(settings);

        // A database file has one console.
        await using var other = provider == DatabaseProvider.Postgres ? await ConsoleProcess.StartAsync(settings) : null;
        using var sender = new LedgerSender(Seed, int.MaxValue);
        var batches = Enumerable.Range(0, Suite.Of(60, 1_500)).Select(_ => sender.NextBatch()).ToList();
        var sent = batches.SelectMany(b => Enumerable.Repeat(b, Times)).ToArray();
        new Random(Seed).Shuffle(sent);

        await Parallel.ForEachAsync(sent.Index(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (request, _) =>
        {
            var door = (other is not null && request.Index % 2 == 1 ? other : one).OtlpHttp;
            while (!await sender.TryAsync(request.Item, door))
            {
                await Task.Yield();
            }
        });
        batches.ForEach(sender.Ledger.Enter);

        Assert.Empty(sender.Faults);
        await sender.Ledger.ExpectAsync(other ?? one);
        var total = sender.Ledger.Total;
        Figures.Say("Row 6", provider, string.Create(CultureInfo.InvariantCulture,
            $"{sent.Length} requests with {Times * total.Spans:n0} spans over {(other is null ? "one process" : "two processes")}, counted {total.Spans:n0} for {total.Cost} USD"), await Suite.DiskOfAsync(one));
    }
}
