using Handrail.Store;
using Microsoft.Data.Sqlite;

namespace Handrail.Shell;

/// <summary>The parts that every door and page stands on: storage, errors, JSON.</summary>
public static class Setup
{
    public static void AddShell(this WebApplicationBuilder builder)
    {
        builder.Services.AddHandrailStore(Storage(builder.Configuration));
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
