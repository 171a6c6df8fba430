using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Handrail.Testing;
using Xunit;

namespace Handrail;

/// <summary>What ARCHITECTURE.md promises about the shape of the code, read from the files themselves.</summary>
public sealed partial class HouseTests
{
    /// <summary>Who may know whom. Tests may know anybody.</summary>
    private static readonly Dictionary<string, string[]> Directions = new()
    {
        ["src/Policy"] = [],
        ["src/Telemetry"] = [],
        ["src/Handrail"] = ["src/Policy", "src/Telemetry"],
        ["migrations/Sqlite"] = ["src/Handrail"],
        ["migrations/Postgres"] = ["src/Handrail"],
        ["src/Console"] = ["migrations/Postgres", "migrations/Sqlite", "src/Handrail"],
        ["src/Client"] = ["src/Policy"],
        ["src/Client.AI"] = ["src/Client"],
        ["src/Simulator"] = ["src/Client"],
    };

    private static readonly string[] TextFiles =
        [".cs", ".razor", ".css", ".js", ".csproj", ".props", ".sln", ".json", ".md", ".yaml", ".yml", ".sh", ".svg", ".proto", ".txt", ".editorconfig", ".gitignore", ""];

    [Fact]
    public void Project_references_go_one_way()
    {
        var found = ProjectFiles().Where(p => !p.StartsWith("tests/", StringComparison.Ordinal)).ToDictionary(Folder, References);

        Assert.Equal(Directions.Keys.Order(), found.Keys.Order());
        Assert.All(Directions, d => Assert.Equal(d.Value.Order(), found[d.Key].Order()));
    }

    [Theory]
    [InlineData("src/Policy/Policy.csproj")]
    [InlineData("src/Telemetry/Telemetry.csproj")]
    public void The_pure_projects_take_in_no_package(string project) =>
        Assert.Empty(Elements(project, "PackageReference").Concat(Elements(project, "FrameworkReference")));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Console.sln")).Replace('\\', '/');

        Assert.All(ProjectFiles(), p => Assert.Contains($"\"{p}\"", solution));
    }

    [Fact]
    public void The_image_is_built_from_every_project_that_the_console_needs()
    {
        var image = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"));

        Assert.All(
            Directions.Keys,
            folder => Assert.Contains($"COPY {folder}/{Path.GetFileName(folder)}.csproj {folder}/packages.lock.json {folder}/\n", image));
    }

    [Fact]
    public void No_file_names_a_place_of_one_machine_or_a_registry()
    {
        var named = TrackedTexts().SelectMany(file => File.ReadLines(Path.Combine(Repository.Root, file))
            .Select((text, index) => (Place: $"{file}:{index + 1}", text))
            .Where(line => MachinePlace().IsMatch(line.text))
            .Select(line => $"{line.Place}: {line.text.Trim()}"));

        Assert.Empty(named);
    }

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var named = TrackedTexts().Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && !f.StartsWith("migrations/", StringComparison.Ordinal))
            .SelectMany(file => EmptyName().Matches(File.ReadAllText(Path.Combine(Repository.Root, file))).Select(m => $"{file}: {m.Groups["name"].Value}"));
        var components = TrackedTexts().Where(f => f.EndsWith(".razor", StringComparison.Ordinal) && EmptySuffix().IsMatch(Path.GetFileNameWithoutExtension(f)));

        Assert.Empty(named.Concat(components));
    }

    [GeneratedRegex(@"(?<![\w.])/(work|farm|root|home)/\w|/tmp/\w|registry\.npmjs|nuget\.org|deb\.debian", RegexOptions.IgnoreCase)]
    private static partial Regex MachinePlace();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+(?<name>\w*(Manager|Helpers?|Utils?|Service|Model|Dto|Common|Base))\b")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"(Manager|Helpers?|Utils?|Service|Model|Dto|Common|Base)$")]
    private static partial Regex EmptySuffix();

    private static IEnumerable<string> TrackedTexts() => Tracked().Where(f => TextFiles.Contains(Path.GetExtension(f)));

    private static IEnumerable<string> ProjectFiles() => Tracked().Where(f => f.EndsWith(".csproj", StringComparison.Ordinal));

    private static string Folder(string file) => Path.GetDirectoryName(file)!.Replace('\\', '/');

    /// <summary>The folders of the projects that this one compiles against; one that is only to be built as well is no reference.</summary>
    private static string[] References(string project) =>
    [
        .. Elements(project, "ProjectReference")
            .Where(e => (string?)e.Attribute("ReferenceOutputAssembly") != "false")
            .Select(e => Path.GetFullPath(Path.Combine(Repository.Root, Folder(project), (string)e.Attribute("Include")!)))
            .Select(f => Folder(Path.GetRelativePath(Repository.Root, f))),
    ];

    private static IEnumerable<XElement> Elements(string project, string name) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants(name);

    private static string[] Tracked()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z"]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
        var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. files.Where(f => File.Exists(Path.Combine(Repository.Root, f)))];
    }
}
