using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

/// <summary>Somebody without the scope looks at every page, and somebody with it beside them (threats.md 15).</summary>
public sealed class HiddenFromPages(ConsoleInBrowser house)
{
    /// <summary>Everything that could give the hidden agent away carries this word.</summary>
    private const string Mark = "hushed";

    private const string Password = "Reviewer-password-7";

    /// <summary>Pages on which the open agent beside it, or what it did, is to be seen.</summary>
    private static readonly string[] Telling = ["", "sessions", "inbox", "agents", "costs", "autonomy"];

    [Fact]
    public async Task Threat_15_no_page_shows_a_trace_of_an_agent_whose_data_the_person_may_not_see()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        await using var console = await ConsoleProcess.StartAsync();
        await FillAsync(console);
        await using var with = await VisitAsync(console, "with@example.com");
        await using var without = await VisitAsync(console, "without@example.com");

        foreach (var path in Pages())
        {
            await without.Page.GotoAsync(path);
            await with.Page.GotoAsync(path);
            if (Telling.Contains(path))
            {
                await Expect(with.Page.Locator("main")).ToContainTextAsync(Mark);
                await Expect(without.Page.Locator("main")).ToContainTextAsync("open-desk");
            }
            else
            {
                await Expect(without.Page.Locator("h1").First).ToBeVisibleAsync();
            }

            Assert.DoesNotContain(Mark, await without.Page.Locator("body").InnerTextAsync(), StringComparison.OrdinalIgnoreCase);
        }

        // By name it is as if there were none.
        await without.Page.GotoAsync("sessions/s-hushed");
        await Expect(without.Page.Locator("main")).ToContainTextAsync("There is no");
        await without.Page.GotoAsync("agents/hushed-claims");
        await Expect(without.Page.Locator("main")).ToContainTextAsync("No agent of this name");
    }

    /// <summary>Every page that needs nothing in its address, of those that there are by now.</summary>
    private static IEnumerable<string> Pages() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Console"), "*.razor", SearchOption.AllDirectories).SelectMany(File.ReadLines)
            .Select(line => Regex.Match(line, "^@page \"/([^{\"]*)\"$")).Where(m => m.Success).Select(m => m.Groups[1].Value)
            .Where(path => path is not ("sign-out" or "sign-in" or "not-found")).Order(StringComparer.Ordinal)];

    private async Task<Visit> VisitAsync(ConsoleProcess console, string email)
    {
        var visit = await house.AsStrangerToAsync(console);
        await visit.SignInAsync(email, Password);
        await Expect(visit.Page).Not.ToHaveTitleAsync("Sign in · Handrail");
        return visit;
    }

    /// <summary>An agent with data and one without, with sessions, costs and something to decide of each.</summary>
    private static async Task FillAsync(ConsoleProcess console)
    {
        using var admin = console.AsAdministrator();
        using var agent = console.AsAgent();
        await SendAsync(admin, HttpMethod.Put, "api/v1/agents/hushed-claims", new { data_scopes = new[] { "claims" } });
        await SendAsync(admin, HttpMethod.Put, "api/v1/principals/mara", new { data_scopes = new[] { "claims" } });
        await SendAsync(admin, HttpMethod.Post, "api/v1/users", new { email = "with@example.com", name = "With", roles = Roles, password = Password, data_scopes = new[] { "claims" } });
        await SendAsync(admin, HttpMethod.Post, "api/v1/users", new { email = "without@example.com", name = "Without", roles = Roles, password = Password });
        await SendAsync(admin, HttpMethod.Put, "api/v1/fleet/policy", new { autonomy = "suggest" });
        foreach (var (name, session, type) in new[] { ("hushed-claims", "s-hushed", "hushed.pay"), ("open-desk", "s-open", "open-desk.pay") })
        {
            await SendAsync(agent, HttpMethod.Post, "v1/traces", OtlpJson.ModelCalls(session, name));
            await SendAsync(agent, HttpMethod.Post, $"api/v1/sessions/{session}/actions", new { action_id = "a-1", agent = name, type, user = "mara", summary = $"Pay for {name}", amount = 5, currency = "USD" });
        }
    }

    private static readonly string[] Roles = ["Owner", "Reviewer", "OnCall"];

    private static async Task SendAsync(HttpClient client, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }
}
