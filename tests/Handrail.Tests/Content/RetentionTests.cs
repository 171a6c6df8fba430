using Handrail.Ingest;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Handrail.Content;

/// <summary>What is older than it is to be kept goes; the figures that were added up from it stay.</summary>
public sealed class RetentionTests
{
    [Theory, Databases]
    public async Task What_was_said_goes_first_then_the_steps_and_totals_and_hourly_figures_stay(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.Get<ContentRules>().ChangeAsync(Intake.Person, new ContentSettings { ContentDays = 3, StepDays = 10 }, 0, default);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", InputMessages = "hello" }, Spans.Tool(1, "search", parent: 0) with { SessionId = "s-1" });
        var hours = await intake.HoursAsync();

        await ClearAsync(intake, TimeSpan.FromDays(2.9));
        Assert.Equal((2, 1), await KeptAsync(intake));

        await ClearAsync(intake, TimeSpan.FromDays(1.2));
        Assert.Equal((2, 0), await KeptAsync(intake));
        Assert.Null(await intake.Get<StepQueries>().ContentAsync(Intake.Person, Spans.Trace, Spans.Id(0), default));

        await ClearAsync(intake, TimeSpan.FromDays(7));
        Assert.Equal((0, 0), await KeptAsync(intake));
        var session = await intake.SessionAsync("s-1");
        Assert.Equal((2, 1, 1, 100, 0.01m), (session.Steps, session.LlmCalls, session.ToolCalls, session.InputTokens, session.CostUsd));
        Assert.Equal(hours.Select(h => (h.Source, h.CostNanos, h.Calls)).Order(), (await intake.HoursAsync()).Select(h => (h.Source, h.CostNanos, h.Calls)).Order());
        Assert.Empty((await intake.Get<StepQueries>().ListAsync(Intake.Person, "s-1", null, null, 10, default)).Items);
    }

    [Theory, Databases]
    public async Task A_conversation_that_goes_on_keeps_its_old_totals_when_its_old_steps_are_gone(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.Get<ContentRules>().ChangeAsync(Intake.Person, new ContentSettings { ContentDays = 3, StepDays = 3 }, 0, default);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });
        await ClearAsync(intake, TimeSpan.FromDays(5));

        await intake.SendAsync(Spans.Call(1) with { SessionId = "s-1" }, Spans.Call(2, trace: Spans.OtherTrace) with { SessionId = "s-1" });

        var session = await intake.SessionAsync("s-1");
        Assert.Equal((3, 3, 0.03m), (session.Steps, session.LlmCalls, session.CostUsd));
        Assert.Equal([Spans.Id(1), Spans.Id(2)], (await intake.Get<StepQueries>().ListAsync(Intake.Person, "s-1", null, null, 10, default)).Items.Select(s => s.SpanId));
        await ClearAsync(intake, TimeSpan.FromDays(1));
        Assert.Equal((2, 2), await KeptAsync(intake));
    }

    [Theory, Databases]
    public async Task A_trace_that_goes_on_for_days_is_kept_together_on_SQLite_and_counted_once_on_both(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.Get<ContentRules>().ChangeAsync(Intake.Person, new ContentSettings { ContentDays = 30, StepDays = 30 }, 0, default);
        await intake.SendAsync(Spans.Call(1, parent: 0));
        intake.Time.Advance(TimeSpan.FromDays(2));

        var again = await intake.SendAsync(Spans.Call(1, parent: 0), Spans.Of(0, StepKind.Agent) with { SessionId = "s-late", AgentName = "desk" });

        Assert.Equal((1, 1), (again.Accepted, again.Duplicates));
        var session = await intake.SessionAsync("s-late");
        Assert.Equal((2, 1, "desk"), (session.Steps, session.LlmCalls, session.Agent));
        Assert.Equal(2, (await intake.Get<StepQueries>().ListAsync(Intake.Person, "s-late", null, null, 10, default)).Items.Count);
    }

    [Theory, Databases]
    public async Task Nothing_is_cleared_away_when_everything_is_to_be_kept(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.Get<ContentRules>().ChangeAsync(Intake.Person, new ContentSettings { ContentDays = null, StepDays = null }, 0, default);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });

        await ClearAsync(intake, TimeSpan.FromDays(4_000));

        Assert.Equal((1, 1), await KeptAsync(intake));
    }

    private static async Task ClearAsync(Intake intake, TimeSpan later)
    {
        intake.Time.Advance(later);
        await new ClearAway(intake.Store, intake.Get<ContentRules>(), intake.Get<StepDays>(), intake.Time, NullLogger<ClearAway>.Instance).HandleAsync(default);
    }

    private static Task<(int Steps, int Contents)> KeptAsync(Intake intake) => intake.ReadAsync(async db => (await db.Steps.CountAsync(), await db.StepContents.CountAsync()));
}
