using Handrail.Access;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Health;

/// <summary>What the console says of its database's durability is what the database does.</summary>
public sealed class DurabilityTests
{
    private static readonly Caller Viewer = new() { Kind = CallerKind.Person, Id = "p-1", Name = "vera@example.com", Roles = new HashSet<string> { Permissions.Viewer } };

    [Fact]
    public async Task The_embedded_database_syncs_every_commit()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        Assert.Equal([("synchronous", "2", true), ("journal_mode", "wal", true)], (await ReadAsync(database.Settings, Viewer)).Select(s => (s.Name, s.Value, s.Holds)));
        await Assert.ThrowsAsync<Refusal>(() => ReadAsync(database.Settings, Viewer with { Roles = new HashSet<string>() }));
    }

    [Fact]
    public async Task A_server_that_answers_before_a_commit_is_on_its_disk_is_named()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        await using (var forgetful = await TestDatabase.CreateAsync(DatabaseProvider.Postgres))
        {
            // The tests' own cluster is fast, and forgets in a crash.
            Assert.Contains(await ReadAsync(forgetful.Settings, Viewer), s => s is { Name: "fsync", Value: "off", Holds: false });
        }

        var cluster = await PrivatePostgres.StartAsync(durable: true);
        var durable = new StoreSettings(DatabaseProvider.Postgres, await cluster.CreateDatabaseAsync());
        Assert.All(await ReadAsync(durable, Viewer), s => Assert.True(s.Holds, s.Name));
        var loose = durable with { ConnectionString = durable.ConnectionString + ";Options=-c synchronous_commit=off" };
        Assert.Equal(["synchronous_commit"], (await ReadAsync(loose, Viewer)).Where(s => !s.Holds).Select(s => s.Name));
        await cluster.StopAsync();
    }

    private static async Task<IReadOnlyList<DurabilitySetting>> ReadAsync(StoreSettings settings, Caller caller)
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddHandrailStore(settings).AddSingleton<DurabilityQueries>().BuildServiceProvider();
        return await services.GetRequiredService<DurabilityQueries>().ReadAsync(caller, default);
    }
}
