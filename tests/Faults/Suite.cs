using System.Globalization;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Xunit.Sdk;

// Each of these tests takes a whole machine, and prints figures that another one beside it would spoil.
[assembly: Xunit.v3.Parallelization(Mode = ParallelMode.None)]

namespace Handrail.Faults;

/// <summary>What the rows of the suite stand on.</summary>
internal static class Suite
{
    private static readonly Lazy<Task<PrivatePostgres>> Durable = new(() => PrivatePostgres.StartAsync(durable: true));

    /// <summary>A PostgreSQL whose commits reach the disk, for all of the suite. Whoever stops one, or looks at what it does, has one of their own.</summary>
    public static Task<PrivatePostgres> ClusterAsync() => Durable.Value;

    /// <summary>How often, or for how long: what the suite's table asks for in the long run, and less of the same in the short one.</summary>
    public static int Of(int inShort, int inLong) => LongRun.Wanted ? inLong : inShort;

    /// <summary>Whether the soak is a real one, and not only shows that it could be.</summary>
    public static bool Soaks => LongRun.Wanted || SoakWanted is not null;

    /// <summary>How long the soak lasts.</summary>
    public static TimeSpan Soak => SoakWanted ?? (LongRun.Wanted ? TimeSpan.FromMinutes(30) : TimeSpan.FromSeconds(30));

    /// <summary>What HANDRAIL_TESTS_SOAK asks for: 48h, 90m, 40s.</summary>
    private static TimeSpan? SoakWanted => Environment.GetEnvironmentVariable("HANDRAIL_TESTS_SOAK") is not { Length: > 1 } wanted
        ? null
        : double.Parse(wanted[..^1], CultureInfo.InvariantCulture) * (wanted[^1] switch
        {
            'h' => TimeSpan.FromHours(1),
            'm' => TimeSpan.FromMinutes(1),
            's' => TimeSpan.FromSeconds(1),
            _ => throw new FormatException($"HANDRAIL_TESTS_SOAK is {wanted}; such as 48h, 90m or 40s is expected."),
        });

    /// <summary>A console with what it is started with, on a new database that is durable.</summary>
    /// <param name="own">The PostgreSQL to make it in; null for the suite's.</param>
    public static async Task<ConsoleSettings> SettingsAsync(DatabaseProvider provider, PrivatePostgres? own = null) => provider == DatabaseProvider.Sqlite
        ? new ConsoleSettings()
        : new ConsoleSettings { Provider = provider, ConnectionString = await (own ?? await ClusterAsync()).CreateDatabaseAsync() };

    /// <summary>The folder that the database's commits go to.</summary>
    public static async Task<string> DiskOfAsync(ConsoleProcess console) =>
        console.Store.Provider == DatabaseProvider.Sqlite ? console.DataFolder : (await ClusterAsync()).Folder;

    /// <summary>The database itself, read past the console.</summary>
    public static HandrailDb Open(StoreSettings settings)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, settings);
        return new HandrailDb(options.Options);
    }
}
