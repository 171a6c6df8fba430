using Handrail.Access;
using Handrail.Policies;
using Handrail.Recovery;
using Handrail.Store;
using Microsoft.Data.Sqlite;

namespace Handrail.Shell;

/// <summary>The parts that every door and page stands on: storage, errors, JSON.</summary>
public static class Setup
{
    /// <summary>
    /// Threads that work is given at once, however few processors there are. SQLite's driver keeps a thread for as long as a transaction takes, and reading a large request keeps
    /// one too: with one thread for each processor, which is the runtime's own measure, a question to the gate waited until one of them had ended.
    /// </summary>
    private const int Threads = 32;

    public static void AddShell(this WebApplicationBuilder builder)
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, Threads), completions);
        var storage = Storage(builder.Configuration);
        StoreSetup.BuildModelAhead(storage);
        builder.Services.AddHandrailStore(storage);
        builder.AddBodyLimits();
        builder.Services.AddExceptionHandler<Problems>();
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonText.Options.PropertyNamingPolicy;
            options.SerializerOptions.DictionaryKeyPolicy = null;
            options.SerializerOptions.Encoder = JsonText.Options.Encoder;
            foreach (var converter in JsonText.Options.Converters)
            {
                options.SerializerOptions.Converters.Add(converter);
            }
        });
    }

    /// <summary>Brings the schema to this version and puts into it what a console must find there, the first time or any time it starts.</summary>
    public static async Task ReadyStoreAsync(this WebApplication app, CancellationToken cancel)
    {
        var restore = app.Services.GetRequiredService<RecogniseRestore>();
        await app.Services.GetRequiredService<DatabaseMigration>().RunAsync(cancel);
        await restore.ContinueTimeAsync(cancel);
        await app.EncryptStoredKeysAsync();
        await app.Services.GetRequiredService<FirstPolicy>().HandleAsync(cancel);
        await restore.StartAsync(cancel);
        await app.BootstrapAsync();
    }

    /// <summary>The data folder, made when it is not there.</summary>
    public static string DataDirectory(IConfiguration configuration) => Path.GetFullPath(configuration["Data:Directory"] ?? "data");

    private static StoreSettings Storage(IConfiguration configuration)
    {
        var provider = configuration["Database:Provider"] ?? nameof(DatabaseProvider.Sqlite);
        if (!Enum.TryParse<DatabaseProvider>(provider, ignoreCase: true, out var database) || !Enum.IsDefined(database))
        {
            throw new InvalidOperationException($"Database:Provider is '{provider}'; it must be Sqlite or Postgres.");
        }

        if (database == DatabaseProvider.Sqlite)
        {
            var folder = Directory.CreateDirectory(DataDirectory(configuration));
            return new StoreSettings(database, new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder.FullName, "handrail.db"), DefaultTimeout = 30 }.ToString());
        }

        return new StoreSettings(
            database,
            configuration.GetConnectionString("Handrail") ?? throw new InvalidOperationException("With Database:Provider=Postgres, ConnectionStrings:Handrail must be set."));
    }
}
