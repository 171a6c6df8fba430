using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Benchmarks;

/// <summary>A database whose commits reach the disk, as in production: a figure without that would be none.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private readonly PrivatePostgres? _cluster;

    private BenchmarkDatabase(PrivatePostgres? cluster, string? connectionString) => (_cluster, ConnectionString) = (cluster, connectionString);

    /// <summary>Null for SQLite, whose file is in the console's own folder.</summary>
    public string? ConnectionString { get; }

    public static async Task<BenchmarkDatabase> CreateAsync(DatabaseProvider provider)
    {
        if (provider == DatabaseProvider.Sqlite)
        {
            return new BenchmarkDatabase(null, null);
        }

        var cluster = await PrivatePostgres.StartAsync(durable: true);
        return new BenchmarkDatabase(cluster, await cluster.CreateDatabaseAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.StopAsync();
        }
    }
}
