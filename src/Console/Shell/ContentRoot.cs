namespace Handrail.Shell;

/// <summary>Where appsettings.json and wwwroot are: beside a published program, or at the repository's root.</summary>
public static class ContentRoot
{
    /// <summary>Null when neither is found: then the working directory is as good as any.</summary>
    public static string? Find()
    {
        if (Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot")))
        {
            return AppContext.BaseDirectory;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Console.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
