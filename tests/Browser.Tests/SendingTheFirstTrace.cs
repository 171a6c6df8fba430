using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

/// <summary>What the first visit says to paste is taken from the page and run as it stands.</summary>
public sealed class SendingTheFirstTrace(ConsoleInBrowser house)
{
    [Fact]
    public async Task What_the_page_says_to_paste_into_a_shell_brings_the_first_session_and_the_page_becomes_the_fleet()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        Assert.SkipUnless(await RunsAsync("curl --version"), "No curl here.");
        await using var console = await ConsoleProcess.StartAsync();
        await using var visit = await house.AsAdministratorOfAsync(console);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Make an agent key" }).ClickAsync();
        await Expect(visit.Page.GetByText("shown only now")).ToBeVisibleAsync();
        await ChooseAsync(visit, "curl");

        var answer = await RunAsync(Path.GetTempPath(), (await TextsAsync(visit)).Single());

        Assert.Equal((0, "{}"), (answer.Code, answer.Output.Trim()));
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Fleet", Exact = true })).ToBeVisibleAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "my-agent" })).ToBeVisibleAsync();
        await AssertFirstSessionAsync(console);
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task The_dotnet_text_builds_as_it_stands_and_brings_the_first_session()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        await using var console = await ConsoleProcess.StartAsync();
        await using var visit = await house.AsAdministratorOfAsync(console);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Make an agent key" }).ClickAsync();
        await Expect(visit.Page.GetByText("shown only now")).ToBeVisibleAsync();
        await ChooseAsync(visit, ".NET");
        var texts = await TextsAsync(visit);
        var folder = Directory.CreateTempSubdirectory("handrail-first-trace-").FullName;
        try
        {
            var made = await RunAsync(folder, $"set -e\n{texts[0]}");
            Assert.SkipUnless(made.Code == 0, $"A new project cannot be made here: {made.Output}");
            var project = Path.Combine(folder, "first-trace");
            await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), texts[1], TestContext.Current.CancellationToken);

            var run = await RunAsync(project, "dotnet run");

            Assert.True(run.Code == 0, run.Output);
            await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "my-agent" })).ToBeVisibleAsync();
            await AssertFirstSessionAsync(console);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Copying_works_where_the_browser_keeps_its_clipboard_from_scripts()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        await using var console = await ConsoleProcess.StartAsync();
        await using var visit = await house.AsAdministratorOfAsync(console);
        // What a page over plain http from another machine finds.
        await visit.Page.EvaluateAsync("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
        await ChooseAsync(visit, "curl");
        var shown = (await TextsAsync(visit)).Single();
        await visit.Page.EvaluateAsync("document.addEventListener('copy', () => { globalThis.copied = getSelection().toString(); })");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();

        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal(shown, await visit.Page.EvaluateAsync<string>("globalThis.copied"));
    }

    /// <summary>The tab and its texts change together: once it is chosen, they are its own.</summary>
    private static async Task ChooseAsync(Visit visit, string name)
    {
        var tab = visit.Page.GetByRole(AriaRole.Tab, new() { Name = name });
        await tab.ClickAsync();
        await Expect(tab).ToHaveAttributeAsync("aria-selected", "true");
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(Visit visit) => await visit.Page.GetByRole(AriaRole.Tabpanel).Locator("code").AllTextContentsAsync();

    private static async Task AssertFirstSessionAsync(ConsoleProcess console)
    {
        var session = await console.AsAdministrator().GetFromJsonAsync<JsonElement>("api/v1/sessions/first-session", TestContext.Current.CancellationToken);
        Assert.Equal("my-agent", session.GetProperty("agent").GetString());
        Assert.Equal((12_000, 1_500), (session.GetProperty("input_tokens").GetInt64(), session.GetProperty("output_tokens").GetInt64()));
        // 2.50 and 10 USD a million tokens of gpt-4o.
        Assert.Equal(0.045m, session.GetProperty("cost_usd").GetDecimal());
        Assert.Equal("running", session.GetProperty("state").GetString());
    }

    private static async Task<bool> RunsAsync(string command) => File.Exists("/bin/sh") && (await RunAsync(Path.GetTempPath(), command)).Code == 0;

    private static async Task<(int Code, string Output)> RunAsync(string folder, string script)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // What the test's own build set for itself is not there for who pastes.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) && k != "MSBUILDDISABLENODEREUSE").ToList())
        {
            start.Environment.Remove(name);
        }

        using var shell = Process.Start(start)!;
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = shell.StandardError.ReadToEndAsync();
        await shell.StandardInput.WriteAsync(script + "\n");
        shell.StandardInput.Close();
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (shell.ExitCode, await output + await errors);
    }
}
