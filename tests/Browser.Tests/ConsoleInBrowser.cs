using Handrail.Testing;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Handrail.Browser.ConsoleInBrowser))]

namespace Handrail.Browser;

/// <summary>One console and one browser for all tests, and the administrator's sign-in, made once.</summary>
public sealed class ConsoleInBrowser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _signedIn;

    public ConsoleProcess Console { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Chromium.Missing is not null)
        {
            return;
        }

        Assertions.SetDefaultExpectTimeout((float)Eventually.Patience.TotalMilliseconds);
        // Receivers of what is told outside stand on this machine.
        Console = await ConsoleProcess.StartAsync(new ConsoleSettings { Settings = new Dictionary<string, string> { ["Notify:AllowedNetworks"] = "127.0.0.0/8" } });
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] });
        await using var visit = await OpenAsync("sign-in", new());
        await visit.SignInAsync(ConsoleProcess.AdminEmail, ConsoleProcess.AdminPassword);
        await Assertions.Expect(visit.Page).Not.ToHaveTitleAsync("Sign in · Handrail");
        _signedIn = await visit.Page.Context.StorageStateAsync();
    }

    /// <summary>Opens a page as somebody who has not signed in.</summary>
    public Task<Visit> AsStrangerAsync(string path)
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        return OpenAsync(path, new());
    }

    /// <summary>Opens a page as the administrator.</summary>
    public Task<Visit> AsAdministratorAsync(string path, BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        return OpenAsync(path, new(options ?? new()) { StorageState = _signedIn });
    }

    /// <summary>Opens a page of another console, as its administrator.</summary>
    public async Task<Visit> AsAdministratorOfAsync(ConsoleProcess console)
    {
        var visit = await AsStrangerToAsync(console);
        await visit.SignInAsync(ConsoleProcess.AdminEmail, ConsoleProcess.AdminPassword);
        await Assertions.Expect(visit.Page).Not.ToHaveTitleAsync("Sign in · Handrail");
        return visit;
    }

    /// <summary>Opens the sign-in page of another console.</summary>
    public async Task<Visit> AsStrangerToAsync(ConsoleProcess console)
    {
        var visit = new Visit(await (await _browser!.NewContextAsync(new() { BaseURL = console.Address.ToString() })).NewPageAsync());
        await visit.Page.GotoAsync("sign-in");
        return visit;
    }

    /// <summary>An agent of a name of its own, so that tests that run beside each other do not meet.</summary>
    public TestAgent Agent(string name)
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        return new(Console.AsAgent(), name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
            _playwright!.Dispose();
            await Console.DisposeAsync();
        }
    }

    private async Task<Visit> OpenAsync(string path, BrowserNewContextOptions options)
    {
        var context = await _browser!.NewContextAsync(new(options) { BaseURL = Console.Address.ToString() });
        var visit = new Visit(await context.NewPageAsync());
        await visit.Page.GotoAsync(path);
        return visit;
    }
}
