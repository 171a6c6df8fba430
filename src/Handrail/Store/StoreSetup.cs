using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Handrail.Store;

/// <summary>Which database, and where.</summary>
public sealed record StoreSettings(DatabaseProvider Provider, string ConnectionString);

public static class StoreSetup
{
    /// <summary>The store of one database: contexts, the write lane, hints.</summary>
    public static IServiceCollection AddHandrailStore(this IServiceCollection services, StoreSettings settings)
    {
        services.TryAddSingleton<TimeProvider>(new SteadyTime(TimeProvider.System));
        services.AddSingleton(settings);
        services.AddSingleton<Hints>();
        services.AddSingleton<WriteLane>();
        services.AddSingleton<HiddenAgents>();
        services.AddLogging();
        services.TryAddSingleton(new OwedSettings(null));
        services.AddSingleton<AuditStanding>();
        services.AddDbContextFactory<HandrailDb>(options => Configure(options, settings));
        services.AddSingleton(s => new HandrailStore(
            s.GetRequiredService<IDbContextFactory<HandrailDb>>(), settings.Provider, s.GetRequiredService<WriteLane>(),
            s.GetRequiredService<Hints>(), s.GetRequiredService<HiddenAgents>(), s.GetRequiredService<AuditStanding>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DatabaseMigration>();
        return services;
    }

    /// <summary>
    /// Begins with the model of the database, which is a third of a start, while all else is being set up: whoever asks for it first waits for this one. Should it fail, the one who
    /// asks finds out why.
    /// </summary>
    public static void BuildModelAhead(StoreSettings settings) => Task.Run(() =>
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        Configure(options, settings);
        using var db = new HandrailDb(options.Options);
        _ = db.Model;
    });

    public static void Configure(DbContextOptionsBuilder options, StoreSettings settings)
    {
        // Two that make the same row at once, or wait for one another, are no error: one of them begins anew, and is counted. What is
        // an error is logged by whoever was refused for it.
        options.ConfigureWarnings(w => w.Log(
            (RelationalEventId.CommandError, LogLevel.Debug), (RelationalEventId.TransactionError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug)));

        // A model that no migration knows is found by the tests. To look for it at each start would build the whole model twice more before the console is there.
        options.ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning));
        options.ReplaceService<IModelCacheKeyFactory, HandrailDb.ModelKey>();
        if (settings.Provider == DatabaseProvider.Sqlite)
        {
            // Warnings to whoever writes a migration, not to whoever starts a new version: the tests have run every migration.
            options.ConfigureWarnings(w => w.Log((SqliteEventId.TableRebuildPendingWarning, LogLevel.Debug), (RelationalEventId.NonTransactionalMigrationOperationWarning, LogLevel.Debug)));
            options.UseSqlite(settings.ConnectionString, b => b.MigrationsAssembly("Handrail.Migrations.Sqlite"));
            options.AddInterceptors(Pragmas);
        }
        else
        {
            options.UseNpgsql(Prepared(settings.ConnectionString), b => b.MigrationsAssembly("Handrail.Migrations.Postgres"));
            options.AddInterceptors(Locks);
        }
    }

    /// <summary>
    /// Statements that come again are prepared, unless the connection string says otherwise (as it must with a pooler between that
    /// shares connections by statement).
    /// </summary>
    private static string Prepared(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        if (!given.ShouldSerialize("Max Auto Prepare"))
        {
            (given.MaxAutoPrepare, given.AutoPrepareMinUsages) = (MostPrepared, 2);
        }

        return given.ConnectionString;
    }

    private static readonly SqlitePragmas Pragmas = new();
    private static readonly RowLocks.Interceptor Locks = new();

    /// <summary>On each connection; the hot paths have some dozens.</summary>
    private const int MostPrepared = 100;
}
