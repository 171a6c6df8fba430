using Handrail.Host;
using Handrail.Ingest.Poison;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Ingest.DatabaseFaults;

/// <summary>A database that is slow or goes away: telemetry waits, then is told when to come again; what is acknowledged is there, once.</summary>
public sealed class DatabaseFaultTests
{
    private const string Held = "LOCK TABLE sessions, traces, metric_series, cost_events IN ACCESS EXCLUSIVE MODE";

    private const int Senders = 8;
    private const int AcknowledgedBefore = 150;
    private const int AcknowledgedAfter = 250;

    [Fact]
    public async Task What_was_acknowledged_is_there_once_when_PostgreSQL_dies_and_starts_again_in_the_middle()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var cluster = await PrivatePostgres.StartAsync(durable: true);
        var database = await cluster.CreateDatabaseAsync();
        await using (var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = DatabaseProvider.Postgres, ConnectionString = database }))
        {
            using var http = new PoisonSender(console.Address, console.OtlpHttp, console.OtlpGrpc, ConsoleProcess.AgentKey);
            var good = Enumerable.Range(0, Senders).Select(s => new GoodRecords(s)).ToList();
            var senders = good.ConvertAll(g => new PatientSender(g, http));
            using var enough = new CancellationTokenSource();
            var sending = senders.ConvertAll(s => SendAsync(s, enough.Token));

            await Eventually.HoldsAsync("telemetry is acknowledged", () => senders.Sum(s => s.Acknowledged) >= AcknowledgedBefore);
            var before = senders.Sum(s => s.Refused);
            await cluster.PauseAsync(immediately: true);
            await Eventually.HoldsAsync("telemetry is refused while the database is away", () => senders.Sum(s => s.Refused) >= before + (2 * Senders));
            await cluster.ContinueAsync();
            var acknowledged = senders.Sum(s => s.Acknowledged);
            await Eventually.HoldsAsync("telemetry is acknowledged again", () => senders.Sum(s => s.Acknowledged) >= acknowledged + AcknowledgedAfter);
            await enough.CancelAsync();
            await Task.WhenAll(sending);

            Assert.Empty(senders.SelectMany(s => s.Faults));
            await using var db = Open(new StoreSettings(DatabaseProvider.Postgres, database));
            await GoodTotals.ExpectAsync(db, good);
            await console.InterruptAsync();
        }

        await cluster.StopAsync();
    }

    [Theory, Databases]
    public async Task While_the_database_takes_nothing_senders_wait_and_are_told_to_come_again_and_then_all_goes_on(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(
            provider, h => h.UseSetting("Ingest:LongestWait", "00:00:00.5").UseSetting("Ingest:MaxSpansInFlight", "20"), onPorts: true);
        using var http = new PoisonSender(host.Address, host.OtlpHttp, host.OtlpGrpc, ConsoleHost.AgentKey);
        var good = Enumerable.Range(0, PoisonDoor.All.Count).Select(s => new GoodRecords(s)).ToList();
        var senders = good.ConvertAll(g => new PatientSender(g, http));
        foreach (var sender in senders)
        {
            await sender.OneAsync();
        }

        var waiting = PoisonDoor.All.Select((door, i) => (door, good: good[i].Next(door), sender: senders[i])).ToList();
        var admission = host.Services<IngestAdmission>();
        await using (await HeldDatabase.HoldAsync(host.Services<StoreSettings>(), Held))
        {
            for (var times = 0; times < 3; times++)
            {
                Assert.All(await Task.WhenAll(waiting.Select(w => w.sender.TryAsync(w.door, w.good.Record))), Assert.False);
            }

            // Whom nobody waits for any more still counts as long as it is held: else retries would pile up without bound.
            Assert.InRange(admission.SpansInFlight, 1, 20);
        }

        await Eventually.HoldsAsync("all is given back", () => admission is { SpansInFlight: 0, BytesInFlight: 0 });
        foreach (var (door, (record, note), sender) in waiting)
        {
            await Eventually.HoldsAsync($"{door.Name} are taken again", () => sender.TryAsync(door, record));
            note();
        }

        Assert.Empty(senders.SelectMany(s => s.Faults));
        await using var db = Open(host.Services<StoreSettings>());
        await GoodTotals.ExpectAsync(db, good);
    }

    [Fact]
    public async Task What_was_committed_when_the_connection_broke_is_refused_and_counts_once_when_it_is_sent_again()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Postgres);
        await using var proxy = new CuttingProxy(database.ConnectionString);
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Postgres, h => h.UseSetting("ConnectionStrings:Handrail", proxy.ConnectionString), onPorts: true);
        using var http = new PoisonSender(host.Address, host.OtlpHttp, host.OtlpGrpc, ConsoleHost.AgentKey);
        var good = new GoodRecords(1);
        var sender = new PatientSender(good, http);
        await sender.OneAsync();

        foreach (var door in PoisonDoor.All)
        {
            // The cut may hit a commit of the console's own: then once more.
            for (var refused = sender.Refused; sender.Refused == refused;)
            {
                var (record, note) = good.Next(door);
                proxy.Arm();
                await Eventually.HoldsAsync($"{door.Name} are taken", () => sender.TryAsync(door, record));
                note();
            }
        }

        Assert.Empty(sender.Faults);
        Assert.True(proxy.Cuts >= PoisonDoor.All.Count);
        await using var db = Open(database.Settings);
        await GoodTotals.ExpectAsync(db, [good]);
    }

    private static async Task SendAsync(PatientSender sender, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await sender.OneAsync();
        }
    }

    private static HandrailDb Open(StoreSettings settings)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, settings);
        return new HandrailDb(options.Options);
    }
}
