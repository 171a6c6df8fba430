using System.Net.Http.Json;
using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

/// <summary>An agent that goes round in circles is stopped, and a person decides how it goes on.</summary>
public sealed class TrippingBreakers(ConsoleInBrowser house)
{
    private const string Session = "circles-1";

    [Fact]
    public async Task A_loop_stops_the_session_and_a_person_lets_it_go_on_with_a_new_limit()
    {
        var agent = house.Agent("circles");
        using var http = house.Console.AsAgent();
        for (var call = 0; call < 6; call++)
        {
            (await http.PostAsJsonAsync("v1/traces", OtlpJson.ToolCallAndAnswer(Session, "circles", "search_web", """{"q":"the same again"}""", "nothing found"))).EnsureSuccessStatusCode();
        }

        await Eventually.HoldsAsync("the loop is stopped", async () => await agent.ControlAsync(Session) == "stopped");
        await using var visit = await house.AsAdministratorAsync("");
        var trip = visit.Page.GetByLabel("Tripped breakers").GetByText("Stopped after 6 identical calls of search_web");
        await Expect(trip).ToBeVisibleAsync();
        await visit.Page.GetByLabel("Tripped breakers").Locator(".trip").Filter(new() { HasText = "search_web" }).GetByRole(AriaRole.Link, new() { Name = "Decide" }).ClickAsync();

        await Expect(visit.Page.GetByText("Stopped after 6 identical calls of search_web").First).ToBeVisibleAsync();
        await visit.Page.GetByLabel("New limit").FillAsync("3");
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Resume", Exact = true })).ToBeDisabledAsync();
        await visit.Page.GetByLabel("New limit").FillAsync("20");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Resume", Exact = true }).ClickAsync();

        await Eventually.HoldsAsync("the session goes on", async () => await agent.ControlAsync(Session) == "running");
        await visit.Page.GotoAsync($"sessions/{Session}");
        await Expect(visit.Page.GetByText("resumed by admin@localhost up to 20")).ToBeVisibleAsync();
        Assert.Empty(visit.Problems);
    }
}
