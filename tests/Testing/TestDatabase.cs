using Handrail.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Testing;

/// <summary>A fresh, migrated database for one test: the copy of one that was migrated once in this process.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string PostgresTemplate = "migrated";

    private static readonly Lazy<Task<string>> MigratedFile = new(MigrateSqliteAsync);
    private static readonly Lazy<Task<PrivatePostgres>> MigratedCluster = new(MigratePostgresAsync);

    private readonly Func<ValueTask> _drop;

    private TestDatabase(DatabaseProvider provider, string connectionString, string? folder, Func<ValueTask> drop) =>
        (Provider, ConnectionString, Folder, _drop) = (provider, connectionString, folder, drop);

    public DatabaseProvider Provider { get; }

    public string ConnectionString { get; }

    /// <summary>The data folder of a console on it, where that is what names the database: null on PostgreSQL.</summary>
    public string? Folder { get; }

    public StoreSettings Settings => new(Provider, ConnectionString);

    public static Task<TestDatabase> CreateAsync(DatabaseProvider provider) =>
        provider == DatabaseProvider.Sqlite ? CreateSqliteAsync() : CreatePostgresAsync();

    public ValueTask DisposeAsync() => _drop();

    private static async Task<TestDatabase> CreateSqliteAsync()
    {
        var template = await MigratedFile.Value;
        var folder = Directory.CreateTempSubdirectory("handrail-db-").FullName;
        var file = Path.Combine(folder, "handrail.db");
        File.Copy(template, file);
        var connectionString = ToSqlite(file);
        return new TestDatabase(DatabaseProvider.Sqlite, connectionString, folder, () =>
        {
            using (var connection = new SqliteConnection(connectionString))
            {
                SqliteConnection.ClearPool(connection);
            }

            Directory.Delete(folder, recursive: true);
            return ValueTask.CompletedTask;
        });
    }

    private static async Task<TestDatabase> CreatePostgresAsync()
    {
        var cluster = await MigratedCluster.Value;
        var connectionString = await cluster.CreateDatabaseAsync(PostgresTemplate);
        return new TestDatabase(DatabaseProvider.Postgres, connectionString, null, async () => await cluster.DropAsync(connectionString));
    }

    private static async Task<string> MigrateSqliteAsync()
    {
        var folder = Directory.CreateTempSubdirectory("handrail-db-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var file = Path.Combine(folder, "migrated.db");

        // Without a pool the last connection closes here, and SQLite folds its log into the one file that is copied.
        await MigrateAsync(new StoreSettings(DatabaseProvider.Sqlite, ToSqlite(file) + ";Pooling=False"));
        return file;
    }

    private static async Task<PrivatePostgres> MigratePostgresAsync()
    {
        var cluster = await PrivatePostgres.SharedAsync();
        await MigrateAsync(new StoreSettings(DatabaseProvider.Postgres, await cluster.CreateAsync(PostgresTemplate, null) + ";Pooling=false"));
        return cluster;
    }

    private static string ToSqlite(string file) => new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString();

    private static async Task MigrateAsync(StoreSettings settings)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, settings);
        await using var db = new HandrailDb(options.Options);
        await db.Database.MigrateAsync();
    }
}
