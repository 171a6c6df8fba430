using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Handrail.Faults.Decisions;
using Handrail.Faults.Ingest;
using Handrail.Store;

namespace Handrail.Faults.Recovery;

/// <summary>Row 15: back-up and restore by the commands that the README names.</summary>
public sealed partial class Row15BackUpAndRestore : IDisposable
{
    private const int Batches = 20;
    private const int Seed = 0x0B4C;

    private readonly string _folder = Directory.CreateTempSubdirectory("handrail-backup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, Databases]
    public async Task Row_15_a_restored_console_has_all_data_and_its_fleet_is_paused_until_a_person_says_otherwise(DatabaseProvider provider)
    {
        var postgres = provider == DatabaseProvider.Postgres;
        var cluster = postgres ? await Suite.ClusterAsync() : null;
        var settings = new ConsoleSettings { Provider = provider, DataFolder = Path.Combine(_folder, "data"), ConnectionString = postgres ? await cluster!.CreateAsync("handrail", null) : null };
        using var sender = new LedgerSender(Seed, int.MaxValue);
        TimeSpan took;
        await using (var console = await ConsoleProcess.StartAsync(settings))
        {
            await GateLoad.PrepareAsync(console);
            using var load = new GateLoad(() => console.Address, () => console.Address);
            for (var i = 0; i < Batches; i++)
            {
                await sender.DeliverAsync(sender.NextBatch(), () => console.OtlpHttp);
                await load.OneAsync(new AskedAction("g-0", $"a-{i}", i % 2 == 0), rejects: i % 6 == 0);
            }

            Assert.Empty(load.Faults);
            using var agent = console.AsAgent();
            using var admin = console.AsAdministrator();
            var waits = await agent.PendingAsync("s-waits");
            (await agent.PostAsync("/api/v1/sessions/s-let-go/actions", HandoffCalls.Expense("a-1", 10m))).Expect(200);

            // While it works.
            using var enough = new CancellationTokenSource();
            using var beside = new LedgerSender(Seed + 1, 500);
            var sending = beside.RunAsync(() => console.OtlpHttp, enough.Token);
            var begun = Stopwatch.GetTimestamp();
            await RunAsync(Commands(provider, "back-up"), cluster);
            took = Stopwatch.GetElapsedTime(begun);
            await enough.CancelAsync();
            await sending;
            (await admin.ApproveAsync(waits)).Expect(200);
            (await admin.PostAsync("/api/v1/sessions/s-let-go/stop", new { reason = "after the backup" })).Expect(200);
        }

        await RunAsync(Commands(provider, "restore"), cluster);
        var restored = postgres ? settings with { ConnectionString = cluster!.ConnectionString("handrail_restored") } : settings with { DataFolder = Path.Combine(_folder, "restored") };
        await using (var console = await ConsoleProcess.StartAsync(restored))
        {
            await sender.Ledger.ExpectAtLeastAsync(console);
            await ExpectHeldAsync(console);
        }

        await CleanUpAsync();
        Figures.Say("Row 15", provider, string.Create(CultureInfo.InvariantCulture, $"backed up in {took.TotalSeconds:0.0} s while telemetry came in; {sender.Ledger.Total.Spans:n0} spans and {Batches} actions restored, the fleet paused until it was resumed"), null);

        async Task CleanUpAsync()
        {
            if (postgres)
            {
                await cluster!.DropAsync(settings.ConnectionString!);
                await cluster.DropAsync(restored.ConnectionString!);
            }
        }
    }

    [Theory, Databases]
    public async Task Row_15_an_older_database_put_back_in_place_pauses_the_fleet_too(DatabaseProvider provider)
    {
        var postgres = provider == DatabaseProvider.Postgres;
        var cluster = postgres ? await Suite.ClusterAsync() : null;
        var settings = await Suite.SettingsAsync(provider) with { DataFolder = Path.Combine(_folder, "data") };
        await using var console = await ConsoleProcess.StartAsync(settings);
        using var agent = console.AsAgent();
        var name = postgres ? new Npgsql.NpgsqlConnectionStringBuilder(settings.ConnectionString).Database : "";
        await RunAsync(postgres ? $"pg_dump --format=custom --file=old.dump {name}" : Commands(provider, "back-up"), cluster);
        await console.KillAsync();
        await console.StartAgainAsync();

        // An ordinary restart is none of that.
        Assert.Equal("running", await StateAsync(agent));
        await console.KillAsync();

        // Its own name and place: nothing but what the console remembers tells that it is older.
        await RunAsync(postgres ? $"pg_restore --clean --if-exists --dbname={name} old.dump" : "rm data/handrail.db*; cp handrail-backup.db data/handrail.db", cluster);
        await console.StartAgainAsync();

        Assert.Equal("paused", await StateAsync(agent));
        Assert.Contains("restored from a backup", console.Log);
    }

    /// <summary>Nothing goes until a person resumes; what was let go before the backup does not go at all, and what waited waits still.</summary>
    private static async Task ExpectHeldAsync(ConsoleProcess console)
    {
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        Assert.Equal("paused", await StateAsync(agent));
        (await agent.PostAsync("/api/v1/sessions/s-new/actions", HandoffCalls.Expense("a-1", 10m))).Expect(409);
        (await agent.PostAsync("/api/v1/sessions/s-let-go/actions/a-1/claim", new { })).Expect(409);
        var records = (await admin.ReadAsync("/api/v1/audit?act=console.restored")).Expect(200)["items"];
        Assert.Equal(1, records.GetArrayLength());

        if (LongRun.Wanted)
        {
            // A restart resumes nothing.
            await console.KillAsync();
            await console.StartAgainAsync();
            Assert.Equal("paused", await StateAsync(agent));
        }

        (await admin.PostAsync("/api/v1/fleet/resume", new { reason = "looked through" })).Expect(200);
        Assert.Equal("running", await StateAsync(agent));
        Assert.Equal("allow", (await agent.PostAsync("/api/v1/sessions/s-new/actions", HandoffCalls.Expense("a-1", 10m))).Expect(200).Text("verdict"));
        (await agent.PostAsync("/api/v1/sessions/s-let-go/actions/a-1/claim", new { })).Expect(409);
        Assert.Equal("cancelled", (await agent.ReadAsync("/api/v1/sessions/s-let-go/actions/a-1")).Expect(200).Text("status"));
        Assert.Equal("pending", (await agent.ReadAsync("/api/v1/sessions/s-waits/actions/a-1")).Expect(200).Text("status"));

        // It was resumed once, and stays so.
        await console.KillAsync();
        await console.StartAgainAsync();
        Assert.Equal("running", await StateAsync(agent));
    }

    /// <summary>What an agent of the fleet is told to do.</summary>
    private static async Task<string> StateAsync(HttpClient agent)
    {
        (await agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-looks", new { agent = "desk" })).Expect(200);
        return (await agent.ReadAsync("/api/v1/sessions/s-looks/control?after=0")).Expect(200).Text("state");
    }

    /// <summary>The README's own commands for this, of this database.</summary>
    private static string Commands(DatabaseProvider provider, string what)
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var block = Block().Matches(readme).Single(b => b.Groups["what"].Value == what && b.Groups["on"].Value == provider.ToString());
        return block.Groups["commands"].Value.Replace("Console.dll", Repository.Built("Console", "Console.dll"), StringComparison.Ordinal);
    }

    private async Task RunAsync(string commands, PrivatePostgres? cluster)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-e", "-c", commands]) { WorkingDirectory = _folder, RedirectStandardError = true };
        foreach (var (name, value) in cluster?.Environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var shell = Process.Start(start)!;
        var errors = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"{commands}\nended with {shell.ExitCode}: {errors}");
    }

    [GeneratedRegex("```sh (?<what>[a-z-]+) (?<on>\\w+)\n(?<commands>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
