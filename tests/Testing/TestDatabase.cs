using Handrail.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Testing;

/// <summary>A fresh, migrated database for one test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string Template = "migrated";
    private static readonly SemaphoreSlim Once = new(1, 1);
    private static bool _templateMade;

    private readonly Func<ValueTask> _drop;

    private TestDatabase(DatabaseProvider provider, string connectionString, Func<ValueTask> drop) =>
        (Provider, ConnectionString, _drop) = (provider, connectionString, drop);

    public DatabaseProvider Provider { get; }

    public string ConnectionString { get; }

    public StoreSettings Settings => new(Provider, ConnectionString);

    public static async Task<TestDatabase> CreateAsync(DatabaseProvider provider)
    {
        if (provider == DatabaseProvider.Sqlite)
        {
            var folder = Directory.CreateTempSubdirectory("handrail-db-").FullName;
            var connectionString = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "handrail.db"), DefaultTimeout = 30 }.ToString();
            await MigrateAsync(new StoreSettings(provider, connectionString));
            return new TestDatabase(provider, connectionString, () =>
            {
                using (var connection = new SqliteConnection(connectionString))
                {
                    SqliteConnection.ClearPool(connection);
                }

                Directory.Delete(folder, recursive: true);
                return ValueTask.CompletedTask;
            });
        }

        var cluster = await PrivatePostgres.SharedAsync();
        await Once.WaitAsync();
        try
        {
            if (!_templateMade)
            {
                await MigrateAsync(new StoreSettings(provider, await cluster.CreateAsync(Template, null) + ";Pooling=false"));
                _templateMade = true;
            }
        }
        finally
        {
            Once.Release();
        }

        var database = await cluster.CreateDatabaseAsync(Template);
        return new TestDatabase(provider, database, async () => await cluster.DropAsync(database));
    }

    public ValueTask DisposeAsync() => _drop();

    private static async Task MigrateAsync(StoreSettings settings)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, settings);
        await using var db = new HandrailDb(options.Options);
        await db.Database.MigrateAsync();
    }
}
