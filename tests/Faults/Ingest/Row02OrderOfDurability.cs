using Handrail.Store;
using Npgsql;

namespace Handrail.Faults.Ingest;

/// <summary>Row 2: what is answered is on the disk before the answer is written, as the kernel sees it.</summary>
public sealed class Row02OrderOfDurability
{
    private const int Requests = 10;
    private const string Telemetry = "POST /v1/traces";
    private const string Gate = "POST /api/v1/sessions";

    [Theory, Databases]
    public async Task Row_02_the_disk_has_a_commit_before_its_200_is_written(DatabaseProvider provider)
    {
        Assert.SkipWhen(await SystemCalls.MissingAsync() is { } missing, await SystemCalls.MissingAsync() ?? "");
        await using var cluster = await ClusterAsync(provider);
        await using var console = await ConsoleProcess.StartAsync(await Suite.SettingsAsync(provider, cluster));

        var seen = await LookAsync(console, cluster);

        Assert.All(seen, request => Assert.True(request.Synced, $"{request.Line} was answered before its commit was on the disk."));
        Figures.Say("Row 2", provider, $"{seen.Count} requests to telemetry and gate, each answered after the sync of its commit", cluster?.Folder ?? console.DataFolder);
    }

    [Theory, Databases]
    public async Task Row_02_control_without_the_sync_the_same_look_finds_answers_before_it(DatabaseProvider provider)
    {
        Assert.SkipWhen(await SystemCalls.MissingAsync() is { } missing, await SystemCalls.MissingAsync() ?? "");
        await using var cluster = await ClusterAsync(provider);
        var settings = await Suite.SettingsAsync(provider, cluster);
        await using var console = await ConsoleProcess.StartAsync(provider == DatabaseProvider.Sqlite
            ? settings with { Settings = NormalSynchronous.Settings }
            : settings with { ConnectionString = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Options = "-c synchronous_commit=off" }.ConnectionString });

        var seen = await LookAsync(console, cluster);

        Assert.Contains(seen, request => !request.Synced);
        Figures.Say("Row 2, control", provider, $"with {(provider == DatabaseProvider.Sqlite ? "synchronous=NORMAL" : "synchronous_commit=off")} {seen.Count(r => !r.Synced)} of {seen.Count} requests are answered before the sync", null);
    }

    /// <summary>A server that nobody else uses: a sync for somebody else's commit would pass for this one's.</summary>
    private static async Task<PrivatePostgres?> ClusterAsync(DatabaseProvider provider) => provider == DatabaseProvider.Sqlite ? null : await PrivatePostgres.StartAsync(durable: true);

    /// <summary>Sends one request after the other and looks at what the console and its database do meanwhile.</summary>
    private static async Task<IReadOnlyList<SeenRequest>> LookAsync(ConsoleProcess console, PrivatePostgres? cluster)
    {
        using var agent = console.AsAgent();
        using var sender = new LedgerSender(2, int.MaxValue);

        // Connections, statements and the first of everything are there before the look.
        await AskAsync(-1);
        await sender.DeliverAsync(sender.NextBatch(), () => console.Address);
        int[] processes = [console.Id, .. cluster is null ? [] : SystemCalls.Family(cluster.ServerId)];
        await using var calls = await SystemCalls.TraceAsync(processes);
        for (var i = 0; i < Requests; i++)
        {
            await sender.DeliverAsync(sender.NextBatch(), () => console.Address);
            await AskAsync(i);
        }

        var trace = await calls.EndAsync();
        Assert.Empty(sender.Faults);
        await sender.Ledger.ExpectSpansAsync(console);
        var seen = DurabilityOrder.Read(trace, cluster is null ? "handrail.db-wal" : "/pg_wal/", Telemetry, Gate);
        Assert.Equal((Requests, Requests), (seen.Count(s => s.Line == Telemetry), seen.Count(s => s.Line == Gate)));
        return seen;

        async Task AskAsync(int i) => (await agent.PostAsync("/api/v1/sessions/s-asks/actions", HandoffCalls.Expense($"a-{i}"))).Expect(200);
    }
}
