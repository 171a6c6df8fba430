namespace Handrail.Testing;

/// <summary>The repository that the running tests were built in.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release: the name of the folder above the target framework's.</summary>
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The file that a program of <c>src/</c> was built into, in the same configuration as the tests.</summary>
    public static string Built(string project, string file) =>
        Path.Combine(Root, "src", project, "bin", Configuration, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), file);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Console.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Console.sln above {AppContext.BaseDirectory}.");
    }
}
