using Handrail.Store;

namespace Handrail.Testing;

/// <summary>What one console process is started with.</summary>
public sealed record ConsoleSettings
{
    public DatabaseProvider Provider { get; init; }

    /// <summary>The PostgreSQL database; null for a new and empty one. SQLite's file is in the console's data folder.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The folder that it keeps its data in; null for one of its own.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Command line arguments, such as <c>--demo</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Further settings by their configuration key, <c>Logging:LogLevel:Default</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The Console.dll to run; null for the one built beside the tests. A published one shows what a user gets.</summary>
    public string? Program { get; init; }
}
