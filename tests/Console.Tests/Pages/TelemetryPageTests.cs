using Bunit;
using Handrail.Ingest;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

/// <summary>The page on which one sees why a figure is missing.</summary>
public sealed class TelemetryPageTests : PageContext
{
    protected override string Role => Access.Permissions.Viewer;

    [Fact]
    public void Before_anybody_sends_it_says_where_the_lines_for_it_are()
    {
        var page = Open<TelemetryPage>();

        page.WaitForAssertion(() => Assert.Contains("Nobody has sent anything yet", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sender_shows_what_was_read_from_where_what_was_never_found_and_what_nobody_understood()
    {
        var coverage = new SenderCoverage { Records = 40, Sampled = 4, Calls = 2, CallsWithoutUsage = 1 };
        coverage.Add(new SenderCoverage { Dialects = { ["openinference"] = 4 }, Found = { ["session"] = new() { ["session.id"] = 3 } }, Unknown = { ["shop.colour"] = 4, ["<b>bold</b>"] = 1 } });
        await SaveAsync(null, Sender("shop", coverage));

        var page = Open<TelemetryPage>();

        var panel = page.WaitForElement("section[aria-label=shop]");
        Assert.Equal(["session", "session.id", "75 %"], panel.QuerySelectorAll("tbody td").Select(c => c.TextContent.Trim()));
        Assert.Contains("1 of 2 model calls came without token counts", panel.QuerySelector("[role=note]")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("input tokens: looked for", panel.TextContent, StringComparison.Ordinal);
        Assert.Contains("2 attributes not understood", panel.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(panel.QuerySelectorAll("b"), b => b.TextContent == "bold");
    }

    [Fact]
    public async Task A_name_narrows_the_list_and_the_address_keeps_it()
    {
        await SaveAsync(null, Sender("shop"), Sender("bank"));
        var page = Open<TelemetryPage>();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("section.sender").Count));

        On(page, () => page.Find("input[type=search]"), e => e.Change("ban"));

        page.WaitForAssertion(() => Assert.Equal("bank", page.Find("section.sender").GetAttribute("aria-label")));
        Assert.Single(page.FindAll("section.sender"));
        Assert.EndsWith("?q=ban", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        On(page, () => page.Find("input[type=search]"), e => e.Change("nobody"));
        page.WaitForAssertion(() => Assert.Contains("No sender matches", page.Markup, StringComparison.Ordinal));
    }

    private Sender Sender(string service, SenderCoverage? coverage = null) => new()
    {
        Id = service, Team = "default", ServiceName = service, FirstSeenAt = Now, LastSeenAt = Now, CoverageJson = JsonText.Of(coverage ?? new SenderCoverage()),
    };
}
