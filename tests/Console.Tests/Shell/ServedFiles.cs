using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Handrail.Testing;

namespace Handrail.Shell;

/// <summary>
/// The web root and the settings are at the repository's root, which the SDK does not expect: what is served is asked of the built
/// and of the published program, both started from a folder that is not the repository's.
/// </summary>
public sealed class ServedFiles
{
    [Fact]
    public async Task The_built_console_serves_its_icon_styles_and_scripts()
    {
        await using var console = await ConsoleProcess.StartAsync();

        await AssertServedAsync(console);
    }

    [Fact]
    public async Task The_published_console_serves_its_icon_styles_and_scripts()
    {
        var folder = Directory.CreateTempSubdirectory("handrail-publish-").FullName;
        try
        {
            await PublishAsync(folder);
            await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Program = Path.Combine(folder, "Console.dll") });

            await AssertServedAsync(console);
            using var endpoints = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "Console.staticwebassets.endpoints.json")));
            var routes = endpoints.RootElement.GetProperty("Endpoints").EnumerateArray().Select(e => e.GetProperty("Route").GetString()!);
            Assert.DoesNotContain(routes, r => r.Contains(Repository.Root.Trim('/'), StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task AssertServedAsync(ConsoleProcess console)
    {
        var client = console.AsStranger();
        foreach (var (path, type) in ((string, string)[])[
            ("favicon.svg", "image/svg+xml"),
            ("Console.styles.css", "text/css"),
            ("_content/MudBlazor/MudBlazor.min.css", "text/css"),
            ("_content/MudBlazor/MudBlazor.min.js", "text/javascript"),
            ("_framework/blazor.web.js", "text/javascript")])
        {
            using var answer = await client.GetAsync(path);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path} answered {answer.StatusCode}");
            Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
            Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync());
        }
    }

    private static async Task PublishAsync(string folder)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo("dotnet", ["publish", "src/Console", "--no-build", "-c", configuration, "-o", folder, "--nologo", "-m:1", "-nodeReuse:false"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        using var publish = Process.Start(start)!;
        var said = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, said);
    }
}
