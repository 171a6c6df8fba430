using System.Diagnostics;
using Microsoft.Playwright;

namespace Handrail.Faults.Soak;

/// <summary>Pages that people keep open all day, in a real browser, and how long it takes until they show what has happened.</summary>
internal sealed class OpenPages : IAsyncDisposable
{
    /// <summary>The session that is open on a page of its own.</summary>
    public const string Watched = "watched";

    /// <summary>The agent whose handoffs, and whose sessions, have a page of their own.</summary>
    public const string Prober = "prober";

    /// <summary>What each page has once it is shown, so that one that was loaded anew is told from one that stayed.</summary>
    private const string Mark = "() => { window.stayed = true; }";

    private const string Stayed = "() => window.stayed === true && !('lost' in document.documentElement.dataset) && document.visibilityState === 'visible'";

    private const string Goes = "path => Blazor.navigateTo(path)";

    private const string Title = "title => document.querySelector('h1')?.textContent.trim() === title";

    /// <summary>A page that takes longer is taken for dead.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Those that are looked at come first.</summary>
    private static readonly string[] Paths =
    [
        $"inbox?agent={Prober}", $"sessions/{Watched}", $"sessions?agent={Prober}", "guarantees", "", "sessions", "inbox", "costs",
        "?wall=1", "autonomy", "agents", "agents/load", "audit", "alerts", "quality", "telemetry", "settings/health", "rules", "sessions?sort=cost", "settings/notifications",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<IPage> _pages;
    private int _shown;
    private int _spans;

    private OpenPages(IPlaywright playwright, IBrowser browser, List<IPage> pages) => (_playwright, _browser, _pages) = (playwright, browser, pages);

    public int Count => _pages.Count;

    /// <summary>Signs the administrator in and opens pages of many kinds.</summary>
    /// <param name="pages">At most twenty.</param>
    public static async Task<OpenPages> OpenAsync(ConsoleProcess console, int pages)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] });
        var context = await browser.NewContextAsync(new() { BaseURL = console.Address.ToString(), ViewportSize = new() { Width = 1440, Height = 900 } });
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        var first = await context.NewPageAsync();
        await first.GotoAsync("sign-in");
        await first.GetByLabel("E-mail address").FillAsync(ConsoleProcess.AdminEmail);
        await first.GetByLabel("Password").FillAsync(ConsoleProcess.AdminPassword);
        await first.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await first.WaitForFunctionAsync("() => !location.pathname.includes('sign-in') && document.querySelector('main h1')");
        var open = new List<IPage>();
        foreach (var path in Paths.Take(pages))
        {
            var page = open.Count == 0 ? first : await context.NewPageAsync();
            await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Commit });
            await page.WaitForFunctionAsync("() => document.querySelector('main h1, main h2') && window.Blazor");
            await page.EvaluateAsync(Mark);
            open.Add(page);
        }

        return new OpenPages(playwright, browser, open);
    }

    /// <summary>An agent asks for what a person must look at, and the Inbox shows it; a person decides, and it goes.</summary>
    /// <returns>From the question, and from the decision, until it is on the page.</returns>
    public async Task<(TimeSpan Came, TimeSpan Went)> HandoffAsync(HttpClient agent, HttpClient person)
    {
        var number = ++_shown;
        var handoff = "";
        var came = await UntilAsync(
            0, "() => document.querySelectorAll('.rows .row:not(.gone)').length === 1", null,
            async () => handoff = (await agent.PostAsync($"/api/v1/sessions/{Prober}-h/actions", Question(number))).Expect(200).Text("handoff_id"));
        var went = await UntilAsync(0, "() => document.querySelectorAll('.rows .row:not(.gone)').length === 0", null, async () => (await person.ApproveAsync(handoff)).Expect(200));
        return (came, went);
    }

    /// <summary>A span comes in, and the page of its session counts it.</summary>
    public Task<TimeSpan> SpanAsync(HttpClient agent) => UntilAsync(
        1,
        """
        steps => [...document.querySelectorAll('.totals div')].some(d => d.querySelector('dt').textContent === 'Steps' && parseInt(d.querySelector('dd').textContent.replaceAll(',', '')) >= steps)
        """,
        ++_spans,
        async () => (await agent.PostAsync("/v1/traces", OtlpJson.ModelCalls(Watched, Prober))).Expect(200));

    /// <summary>A session begins, and the list of them shows it.</summary>
    public async Task<TimeSpan> SessionAsync(HttpClient agent)
    {
        var name = $"{Prober}-{++_shown}";
        return await UntilAsync(
            2, "name => document.querySelector('.list')?.textContent.includes(name)", name,
            async () => (await agent.PostAsync("/v1/traces", OtlpJson.ModelCalls(name, Prober))).Expect(200));
    }

    /// <summary>A person goes to another page and back: there and back through their circuit.</summary>
    public async Task<TimeSpan> VisitAsync()
    {
        var there = await UntilAsync(3, Title, "Telemetry", () => _pages[3].EvaluateAsync(Goes, "/telemetry"));
        return there + await UntilAsync(3, Title, "Guarantees", () => _pages[3].EvaluateAsync(Goes, "/guarantees"));
    }

    /// <summary>Each page is the one that was opened, is connected, and does what its person says.</summary>
    public async Task ExpectLiveAsync()
    {
        foreach (var page in _pages)
        {
            Assert.True(await page.EvaluateAsync<bool>(Stayed), $"{page.Url} is not the page any more that was opened, or has lost its connection.");
            await page.EvaluateAsync(Goes, "/guarantees");
            await page.WaitForFunctionAsync(Title, "Guarantees");
            Assert.True(await page.EvaluateAsync<bool>(Stayed), $"{page.Url} was loaded anew.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static object Question(int number) => new
    {
        action_id = $"a-{number}", agent = Prober, type = "expense.approve", summary = "Approve", amount = 100 + number, currency = "USD", arguments = new { expense_id = $"e-{number}" },
    };

    private async Task<TimeSpan> UntilAsync(int page, string shown, object? what, Func<Task> deed)
    {
        var begun = Stopwatch.GetTimestamp();
        await deed();
        await _pages[page].WaitForFunctionAsync(shown, what);
        return Stopwatch.GetElapsedTime(begun);
    }
}
