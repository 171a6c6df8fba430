using Handrail.Recovery;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Handrail.Benchmarks;

/// <summary>Two databases of one fleet: of its first days, and of all.</summary>
internal sealed class GrowthStore : IAsyncDisposable
{
    private readonly string _folder;
    private readonly bool _kept;
    private readonly PrivatePostgres? _cluster;

    private GrowthStore(DatabaseProvider provider, string folder, bool kept, PrivatePostgres? cluster) => (Provider, _folder, _kept, _cluster) = (provider, folder, kept, cluster);

    public DatabaseProvider Provider { get; }

    public string Early => "growth_early";

    public string Full => "growth_full";

    public bool Filled => File.Exists(Mark);

    private string Mark => Path.Combine(_folder, $"{Provider}.filled");

    public static async Task<GrowthStore> OpenAsync(DatabaseProvider provider, string? folder)
    {
        var own = Directory.CreateDirectory(folder ?? Path.Combine(Path.GetTempPath(), $"handrail-growth-{Environment.ProcessId}")).FullName;
        return new GrowthStore(provider, own, folder is not null, provider == DatabaseProvider.Postgres ? await PrivatePostgres.OpenAsync(Path.Combine(own, "postgres")) : null);
    }

    public string ConnectionString(string database) => _cluster?.ConnectionString(database)
        ?? new SqliteConnectionStringBuilder { DataSource = Path.Combine(Folder(database), "handrail.db"), DefaultTimeout = 30 }.ToString();

    public async Task<ConsoleProcess> StartAsync(string database)
    {
        if (_cluster is not null && !await ThereAsync(database))
        {
            await _cluster.CreateAsync(database, null);
        }

        return await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = Provider,
            ConnectionString = _cluster is null ? null : ConnectionString(database),
            Settings = new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning", ["Data:Directory"] = Folder(database) },
        });
    }

    /// <summary>Copies what there is by now.</summary>
    public async Task KeepEarlyAsync()
    {
        if (_cluster is not null)
        {
            NpgsqlConnection.ClearAllPools();
            await _cluster.CreateAsync(Early, Full);
            await ForgetLifeAsync();
            return;
        }

        SqliteConnection.ClearAllPools();
        await new GrowthFill(Provider, ConnectionString(Full)).SettleAsync();
        Directory.CreateDirectory(Folder(Early));
        File.Copy(Path.Combine(Folder(Full), "handrail.db"), Path.Combine(Folder(Early), "handrail.db"));
        await ForgetLifeAsync();
    }

    public void NoteFilled() => File.WriteAllText(Mark, "");

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await (_kept ? _cluster.PauseAsync() : _cluster.StopAsync());
        }

        if (!_kept)
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Else the console would take the copy for a restored backup, and pause the fleet.</summary>
    private async Task ForgetLifeAsync()
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, new StoreSettings(Provider, ConnectionString(Early)));
        await using var db = new HandrailDb(options.Options);
        await db.Settings.Where(s => s.Key == RecogniseRestore.Setting).ExecuteDeleteAsync();
    }

    private string Folder(string database) => Path.Combine(_folder, database);

    private async Task<bool> ThereAsync(string database)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_database WHERE datname = @name", connection) { Parameters = { new("name", database) } };
        return (long)(await command.ExecuteScalarAsync())! > 0;
    }
}
