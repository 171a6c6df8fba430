using System.Net.Http.Json;
using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

/// <summary>The Sessions page over more sessions than it ever loads at once, while spans come in.</summary>
public sealed class ManySessions(ConsoleInBrowser house)
{
    private const int Sessions = 2_000;

    [Fact]
    public async Task Every_session_is_reached_none_moves_under_the_pointer_and_typing_narrows()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        var client = house.Console.AsAgent();
        await Parallel.ForEachAsync(Enumerable.Range(0, Sessions / 100), async (batch, cancel) => await ReportAsync(client, Enumerable.Range(batch * 100, 100), cancel));
        await using var visit = await house.AsAdministratorAsync("sessions?agent=crowd&sort=last_activity_at");
        var page = visit.Page;
        await Expect(page.GetByText("2,000 sessions")).ToBeVisibleAsync();
        await Expect(page.Locator("tbody td.what a").First).ToBeVisibleAsync();
        Assert.InRange(await page.Locator("tbody td.what a").CountAsync(), 5, 150);

        await page.Locator("tbody td.what a").First.FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(page.Locator("tr[aria-rowindex='2001'] a")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(page.Locator("tr[aria-rowindex='2'] a")).ToBeFocusedAsync();

        // Under the pointer, the order that is shown stays while the real one changes with every span.
        await page.Locator(".list").EvaluateAsync("list => list.scrollTop = 52 * 400");
        await Expect(page.Locator("tr[aria-rowindex='405'] a")).ToBeVisibleAsync();
        await page.Locator("tr[aria-rowindex='405']").HoverAsync();
        var under = await page.EvaluateAsync<string>("() => window.under = document.querySelector('tr:hover a').textContent");
        await page.EvaluateAsync("""
            () => {
              window.moved = 0;
              const look = () => {
                const link = document.querySelector('tbody tr:hover a');
                if (link && link.textContent !== window.under) window.moved++;
                requestAnimationFrame(look);
              };
              look();
            }
            """);
        var steps = page.Locator("tr:hover td:nth-child(5)");
        for (var round = 2; round <= 6; round++)
        {
            await ReportAsync(client, Enumerable.Range(0, 200).Append(Number(under)), default);
            await ReportAsync(client, [Sessions + round], default);
            await Expect(steps).ToHaveTextAsync($"{round}");
        }

        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.moved"));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "5 new: show" })).ToBeVisibleAsync(new() { Timeout = 20_000 });

        await page.GetByRole(AriaRole.Searchbox).PressSequentiallyAsync("crowd-01234");
        await Expect(page.GetByText("1 session", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "crowd-01234" })).ToBeVisibleAsync();
        Assert.EndsWith("q=crowd-01234", page.Url);
        Assert.Empty(visit.Problems);
    }

    private static int Number(string session) => int.Parse(session.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task ReportAsync(HttpClient client, IEnumerable<int> sessions, CancellationToken cancel)
    {
        using var answer = await client.PostAsJsonAsync("/v1/traces", OtlpJson.ModelCallsOf(sessions.Distinct().Select(s => $"crowd-{s:00000}"), "crowd"), cancel);
        answer.EnsureSuccessStatusCode();
    }
}
