using Bunit;
using Handrail.Access;
using Handrail.Ingest;
using Handrail.Jobs;
using Handrail.Pages;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Health;

/// <summary>The page on which an administrator sees how the console itself does.</summary>
public abstract class HealthPageTests : PageContext
{
    public sealed class AsAdministrator : HealthPageTests
    {
        protected override string Role => Permissions.Administrator;

        [Fact]
        public async Task Each_part_has_a_word_and_what_to_do_and_what_senders_say_is_text()
        {
            var page = Open<HealthPage>();
            page.WaitForAssertion(() => Assert.Equal("Fine", page.Find(".page-head .badge").TextContent.Trim()));
            Assert.Contains("None, by this process since it started.", page.Markup, StringComparison.Ordinal);

            Services.GetRequiredService<RejectedRecords>().Records(
                Caller.System with { Kind = CallerKind.AgentKey, Team = "default", Name = "<b>desk</b>" }, "a trace id is not 16 bytes other than zero", 12);
            var run = Services.GetRequiredService<JobRuns>().Of("outbox.look");
            for (var i = 0; i < 3; i++)
            {
                await Assert.ThrowsAsync<TimeoutException>(() => run.RunAsync(() => throw new TimeoutException(), default));
            }

            Time.Advance(TimeSpan.FromSeconds(6));
            page.WaitForAssertion(() => Assert.Equal("Broken", page.Find(".page-head .badge").TextContent.Trim()));
            Assert.Contains("outbox.look failed 3 times in a row (TimeoutException)", page.Find(".checks").TextContent, StringComparison.Ordinal);
            Assert.Equal("/settings/jobs", page.Find(".checks .advice a").GetAttribute("href"));
            Assert.Contains("<b>desk</b>", page.Find("section[aria-labelledby=rejected] tbody").TextContent, StringComparison.Ordinal);
            Assert.Empty(page.FindAll("tbody b"));
        }
    }

    public sealed class AsOnCall : HealthPageTests
    {
        protected override string Role => Permissions.OnCall;

        [Fact]
        public void It_is_shown_without_the_ways_to_what_they_may_not_see()
        {
            var page = Open<HealthPage>();

            page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".checks li")));
            Assert.Empty(page.FindAll(".settings-nav"));
        }
    }

    public sealed class AsOwner : HealthPageTests
    {
        [Fact]
        public void Others_are_told_that_it_is_not_for_them()
        {
            var page = Open<HealthPage>();

            page.WaitForAssertion(() => Assert.Contains("This page is not for you", page.Markup, StringComparison.Ordinal));
            Assert.Empty(page.FindAll(".checks"));
        }
    }
}
