namespace Handrail.Faults.Ingest;

/// <summary>Starts a console whose SQLite does not wait for the disk at a commit: what the product never does, and the suite must notice.</summary>
internal static class NormalSynchronous
{
    public const string Switch = "HANDRAIL_FAULT_SYNCHRONOUS_NORMAL";

    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(NormalSynchronous).Assembly.Location,
        [Switch] = "1",
    };
}
