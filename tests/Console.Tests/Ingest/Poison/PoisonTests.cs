using System.Collections.Concurrent;
using System.Globalization;
using Handrail.Agents;
using Handrail.Host;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Handrail.Ingest.Poison;

/// <summary>
/// Whatever is sent through whatever door: it is taken, or refused in the words of its protocol; what was good in it and beside it is there
/// afterwards and counted exactly; and the process and its tables are no larger for it. <c>tests/run --long</c> sends forty times as much;
/// <c>HANDRAIL_POISON_SEED</c> and <c>HANDRAIL_POISON_INPUTS</c> send the same once more.
/// </summary>
public sealed class PoisonTests(ITestOutputHelper output)
{
    private const int Senders = 16;
    private const int InputsInCi = 2_500;
    private const int InputsInLongRun = 100_000;

    /// <summary>What the process may hold more after the last input than after the first tenth, in bytes of managed memory.</summary>
    private const long MostGrowth = 96L * 1024 * 1024;

    private static readonly int[] HttpStatuses = [200, 400, 413, 415, 429, 503];

    /// <summary>OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNAVAILABLE.</summary>
    private static readonly int[] GrpcStatuses = [0, 3, 8, 14];

    /// <summary>What the gRPC library says of frames that are none: UNKNOWN, UNIMPLEMENTED for a compression, INTERNAL for a message that ends early.</summary>
    private static readonly int[] GrpcFrameStatuses = [.. GrpcStatuses, 2, 12, 13];

    [Theory, Databases]
    public async Task Threat_17_No_poison_does_anything_but_be_refused_and_all_that_is_good_is_kept(DatabaseProvider provider)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HANDRAIL_POISON_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        var inputs = int.TryParse(Environment.GetEnvironmentVariable("HANDRAIL_POISON_INPUTS"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var many) ? many : LongRun.Wanted ? InputsInLongRun : InputsInCi;
        output.WriteLine($"HANDRAIL_POISON_SEED={seed} HANDRAIL_POISON_INPUTS={inputs}");
        var log = new ErrorLog();
        await using var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureServices(s => s.AddSingleton<ILoggerProvider>(log)), onPorts: true);
        var run = new Run(host, seed);

        await run.SendAsync(inputs / 10);
        var before = Held();
        await run.SendAsync(inputs);
        var after = Held();

        output.WriteLine(run.Statuses());
        output.WriteLine($"managed memory: {before >> 20} MiB after a tenth, {after >> 20} MiB after all");
        Assert.Empty(run.Faults);
        Assert.True(log.Errors.IsEmpty, $"seed {seed}: {log.Errors.Count} errors were logged, the first: {log.Errors.FirstOrDefault()}");
        await using (var db = await host.Services<IDbContextFactory<HandrailDb>>().CreateDbContextAsync())
        {
            await GoodTotals.ExpectAsync(db, run.Good);
        }

        await TablesAreBoundedAsync(host);
        Assert.True(after - before < MostGrowth, $"seed {seed}: {before >> 20} MiB became {after >> 20} MiB");
    }

    [Fact]
    public async Task Threat_17_A_small_body_that_unpacks_to_a_large_one_is_refused_at_every_door()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Ingest:MaxBodyBytes", "1000000"), onPorts: true);
        using var sender = new PoisonSender(host.Address, host.OtlpHttp, host.OtlpGrpc, ConsoleHost.AgentKey);
        var zeros = new byte[50_000_000];
        foreach (var door in PoisonDoor.All.Where(d => d.Signal != PoisonSignal.Costs))
        {
            foreach (var packing in door.Grpc ? (string[])["gzip", "deflate"] : ["gzip"])
            {
                var answer = await sender.SendAsync(new PoisonInput(door, PoisonInput.Pack(zeros, packing), true, Breakage.None, false, 0) { Packing = packing });

                Assert.Equal((door.Grpc ? 8 : 413, null), (answer.Status, answer.Fault));
            }
        }
    }

    [Fact]
    public async Task A_compressed_body_that_is_cut_off_is_refused_even_where_a_record_ends()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, onPorts: true);
        using var sender = new PoisonSender(host.Address, host.OtlpHttp, host.OtlpGrpc, ConsoleHost.AgentKey);
        foreach (var door in PoisonDoor.All.Where(d => !d.Json))
        {
            var good = new GoodRecords(PoisonDoor.All.Count);
            using var packed = new MemoryStream();
            using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(good.Next(door).Record);
                gzip.Flush();
                packed.SetLength(packed.Position);
                var answer = await sender.SendAsync(new PoisonInput(door, packed.ToArray(), true, Breakage.None, false, 0));

                Assert.Equal((door.Grpc ? 3 : 400, null), (answer.Status, answer.Fault));
            }
        }
    }

    [Fact]
    public async Task A_compressed_body_of_no_bytes_is_no_empty_request_but_one_that_was_lost()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, onPorts: true);
        using var sender = new PoisonSender(host.Address, host.OtlpHttp, host.OtlpGrpc, ConsoleHost.AgentKey);

        // No bytes in gzip, which .NET's own stream writes as no bytes at all.
        var nothing = Convert.FromHexString("1f8b080000000000000303000000000000000000");
        foreach (var door in PoisonDoor.All.Where(d => d.Signal != PoisonSignal.Costs))
        {
            var lost = await sender.SendAsync(new PoisonInput(door, [], true, Breakage.None, false, 0));
            var empty = await sender.SendAsync(new PoisonInput(door, door.Json ? PoisonInput.Pack(PoisonCorpus.Whole(door), "gzip") : nothing, true, Breakage.None, false, 0));

            Assert.Equal((door.Grpc ? 3 : 400, null), (lost.Status, lost.Fault));
            Assert.True(empty.IsTaken, $"{door.Name}: {empty}");
        }
    }

    private static long Held()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task TablesAreBoundedAsync(ConsoleHost host)
    {
        await host.Services<MappingCoverage>().WriteAsync(default);
        await using var db = await host.Services<IDbContextFactory<HandrailDb>>().CreateDbContextAsync();
        Assert.InRange(await db.Senders.CountAsync(), 1, MappingCoverage.MostSenders);
        Assert.InRange(await db.MetricSeries.CountAsync(), 1, RecordMetrics.MostSeries);
        Assert.InRange(await db.Agents.CountAsync(), 1, Agent.MostInTeam);
        Assert.All(await db.Senders.AsNoTracking().ToListAsync(), s =>
        {
            Assert.InRange(s.CoverageJson.Length, 0, 256 * 1024);
            Assert.InRange(JsonText.Read<SenderCoverage>(s.CoverageJson)!.Unknown.Count, 0, SenderCoverage.MostNames);
        });
    }

    /// <summary>The senders of one test, each sending one request after the other.</summary>
    private sealed class Run(ConsoleHost host, int seed)
    {
        /// <summary>On a machine that has no time for it the console says to come later, as it should; each such answer took it eight seconds.</summary>
        private const int MostAgain = 20;

        private readonly PoisonCorpus _corpus = new();
        private readonly ConcurrentDictionary<string, int> _statuses = new(StringComparer.Ordinal);
        private int _sent;

        public IReadOnlyList<GoodRecords> Good { get; } = [.. Enumerable.Range(0, Senders).Select(s => new GoodRecords(s))];

        public ConcurrentQueue<string> Faults { get; } = new();

        public string Statuses() => string.Join(", ", _statuses.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}: {s.Value}"));

        /// <summary>Sends until so many are sent in all.</summary>
        public async Task SendAsync(int until)
        {
            await Task.WhenAll(Good.Select(good => Task.Run(async () =>
        {
            using var sender = new PoisonSender(host.Address, host.OtlpHttp, host.OtlpGrpc, ConsoleHost.AgentKey);
            for (int number; (number = Interlocked.Increment(ref _sent)) <= until && Faults.Count < 10;)
            {
                await OneAsync(sender, good, number);
            }

            Interlocked.Decrement(ref _sent);
        })));

            // Each sender has asked for one number more than there was.
            _sent = Math.Min(_sent, until);
        }

        private async Task OneAsync(PoisonSender sender, GoodRecords good, int number)
        {
            var random = new Random(HashCode(seed, number));
            var door = PoisonDoor.All[random.Next(PoisonDoor.All.Count)];
            var (record, note) = good.Next(door);
            var input = PoisonInput.Make(_corpus, random, random.Next(4) == 0 ? null : record, door);
            try
            {
                var answer = await sender.SendAsync(input);
                Check(input, answer, number);
                if (input.CarriesGood && answer.IsTaken)
                {
                    note();
                }
                else
                {
                    // Beside the bad one: it must be taken, and once.
                    await AloneAsync(sender, door, record, note, number);
                }
            }
            catch (HttpRequestException e)
            {
                Faults.Enqueue($"seed {seed}, input {number} ({input}): {e}");
            }
        }

        private async Task AloneAsync(PoisonSender sender, PoisonDoor door, byte[] record, Action note, int number)
        {
            var alone = new PoisonInput(door, door.Json ? PoisonCorpus.Whole(door, record) : record, false, Breakage.None, true, 0);
            var answer = await sender.SendAsync(alone);
            for (var again = 0; answer.IsLater && again < MostAgain; again++)
            {
                answer = await sender.SendAsync(alone);
            }

            if (!answer.IsTaken || answer.Text.Contains("ejected", StringComparison.Ordinal) && !answer.Text.Contains("\"rejected\":[]", StringComparison.Ordinal))
            {
                Faults.Enqueue($"seed {seed}, after input {number}: a good record was answered {answer}");
            }

            note();
        }

        private void Check(PoisonInput input, PoisonAnswer answer, int number)
        {
            _statuses.AddOrUpdate($"{(answer.Grpc ? "gRPC" : "HTTP")} {answer.Status}", 1, (_, n) => n + 1);
            var allowed = !answer.Grpc ? HttpStatuses : input.Breakage == Breakage.None ? GrpcStatuses : GrpcFrameStatuses;
            if (answer.Fault is not null || !allowed.Contains(answer.Status))
            {
                Faults.Enqueue($"seed {seed}, input {number} ({input}): {answer}");
            }
        }

        /// <summary>The same on every run and machine, as <see cref="System.HashCode"/> is not.</summary>
        private static int HashCode(int seed, int number) => unchecked((seed * 397) ^ (number * 0x9E3779B1L).GetHashCode());
    }
}
