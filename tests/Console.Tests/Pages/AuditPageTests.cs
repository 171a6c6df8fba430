using Bunit;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Pages;

/// <summary>What auditors see and do on their page.</summary>
public sealed class AuditPageTests : PageContext
{
    protected override string Role => Permissions.Auditor;

    [Fact]
    public async Task Records_are_narrowed_by_who_what_to_what_and_when_and_the_same_view_is_a_file()
    {
        await RecordAsync("anna@example.com", "agent.pause", "agent:desk", "a look");
        Time.Advance(TimeSpan.FromHours(2));
        await RecordAsync("ben@example.com", "agent.stop", "agent:clerk", "<b>enough</b>");
        var page = Open<AuditPage>();
        page.WaitForAssertion(() => Assert.Equal(2, Rows(page).Count(r => r.Contains("agent.", StringComparison.Ordinal))));
        Assert.Empty(page.FindAll("tbody b"));

        page.Find("input[placeholder=Who]").Change("ben@example.com");
        page.WaitForAssertion(() => Assert.Contains("agent:clerk", Assert.Single(Rows(page))));
        Assert.Contains("actor=ben%40example.com&format=csv", page.Find("a[download]").GetAttribute("href"));

        page.Find("input[aria-label=To]").Change("2026-05-01T13:00");
        page.WaitForAssertion(() => Assert.Contains("No record matches", page.Markup));
        Assert.EndsWith("/audit?actor=ben%40example.com&until=2026-05-01T13%3A00%3A00Z", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chain_is_verified_on_the_page_and_a_record_that_was_changed_is_named()
    {
        for (var i = 0; i < 4; i++)
        {
            await RecordAsync("anna@example.com", "agent.pause", "agent:desk", "a look");
        }

        var page = Open<AuditPage>();
        On(page, () => Verify(page), e => e.Click());
        page.WaitForAssertion(() => Assert.Contains("The chain holds", page.Find(".proof").TextContent));
        Assert.Contains("No day is over yet", page.Find(".proof").TextContent);

        await ReadAsync(db => db.Database.ExecuteSqlRawAsync("update audit_records set reason = 'nothing' where seq = 2"));
        On(page, () => Verify(page), e => e.Click());

        page.WaitForAssertion(() => Assert.Contains("The chain is broken. Record 2 is not what was written.", page.Find(".proof.broken").TextContent));
    }

    private static AngleSharp.Dom.IElement Verify(IRenderedComponent<IComponent> page) => page.FindAll("button.field").Single(b => b.TextContent == "Verify the chain");

    private static List<string> Rows(IRenderedComponent<IComponent> page) => [.. page.FindAll("tbody tr").Select(r => r.TextContent).Where(r => r.Contains("agent", StringComparison.Ordinal))];

    private Task RecordAsync(string who, string act, string target, string reason) => Services.GetRequiredService<HandrailStore>().WriteAsync(
        unit =>
        {
            unit.Record(new AuditEntry(new Caller { Kind = CallerKind.Person, Id = who, Name = who }, act, target) { Reason = reason });
            return Task.CompletedTask;
        },
        default);
}
