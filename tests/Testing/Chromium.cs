namespace Handrail.Testing;

/// <summary>The browser for the tests that need one.</summary>
public static class Chromium
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>Null when none is installed.</summary>
    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => Names.Select(name => System.IO.Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Null where a browser is, else what is missing: the reason that a skipped test shows.</summary>
    public static string? Missing => Path is null ? "Chromium is not installed; tests/run installs it." : null;
}
