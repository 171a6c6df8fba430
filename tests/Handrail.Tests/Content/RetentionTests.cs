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

    [Theory, Databases]
    public async Task Metric_series_of_instances_that_are_gone_make_room_for_others_and_what_they_came_to_stays(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var metrics = intake.Get<RecordMetrics>();
        MetricPoint Point(string instance, string? session, int second, double value) => new(
            "shop", instance, session, "tokens", null, "{}", MetricKind.Cumulative, Spans.Noon, Spans.Noon.AddSeconds(second), value, null);
        var gone = Enumerable.Range(0, RecordMetrics.MostSeries - 1).Select(i => Point($"gone-{i}", null, 1, 1)).ToList();
        Assert.Equal(0, (await metrics.HandleAsync(Intake.Team(), [.. gone, Point("a", "s-1", 1, 40)], default)).Rejected);
        Assert.Equal(1, (await metrics.HandleAsync(Intake.Team(), [Point("b", "s-1", 2, 2)], default)).Rejected);

        await ClearAsync(intake, TimeSpan.FromDays(89));
        Assert.Equal(1, (await metrics.HandleAsync(Intake.Team(), [Point("b", "s-1", 2, 2)], default)).Rejected);
        await ClearAsync(intake, TimeSpan.FromDays(2));

        Assert.Equal(0, (await metrics.HandleAsync(Intake.Team(), [Point("b", "s-1", 2, 2)], default)).Rejected);
        Assert.Equal([2d, 40d], await OfSessionAsync(intake));
        Assert.Equal(2, await intake.ReadAsync(db => db.MetricSeries.CountAsync()));

        // A series that speaks again goes on where it was, and takes a place again.
        Assert.Equal(0, (await metrics.HandleAsync(Intake.Team(), [Point("a", "s-1", 3, 45)], default)).Rejected);
        Assert.Equal([2d, 45d], await OfSessionAsync(intake));
        Assert.Equal(2, await intake.ReadAsync(db => db.MetricSeries.CountAsync(s => !s.Retired)));
    }

    [Theory, Databases]
    public async Task Metric_series_lose_nothing_where_steps_are_kept_for_ever(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.Get<ContentRules>().ChangeAsync(Intake.Person, new ContentSettings { ContentDays = null, StepDays = null }, 0, default);
        var metrics = intake.Get<RecordMetrics>();
        MetricPoint Point(int second) => new("shop", "a", null, "calls", null, "{}", MetricKind.Delta, null, Spans.Noon.AddSeconds(second), 1, null);
        await metrics.HandleAsync(Intake.Team(), [Point(1)], default);

        await ClearAsync(intake, TimeSpan.FromDays(200));
        Assert.True(await intake.ReadAsync(db => db.MetricSeries.Select(s => s.Retired).SingleAsync()));
        await metrics.HandleAsync(Intake.Team(), [Point(2)], default);

        Assert.Equal((2d, false), await intake.ReadAsync(async db => (await db.MetricSeries.Select(s => s.Value).SingleAsync(), await db.MetricSeries.Select(s => s.Retired).SingleAsync())));
    }

    [Theory, Databases]
    public async Task Senders_not_heard_of_for_as_long_as_steps_are_kept_are_forgotten(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var coverage = intake.Get<MappingCoverage>();
        async Task HearAsync(string service)
        {
            coverage.Note("ops", new OtlpReadResult([], 0, null) { Coverage = new Dictionary<SenderName, SenderCoverage> { [new SenderName(service, null, null)] = new() } });
            await coverage.WriteAsync(default);
        }

        await HearAsync("old");
        await HearAsync("steady");
        intake.Time.Advance(TimeSpan.FromDays(80));
        await HearAsync("steady");
        await ClearAsync(intake, TimeSpan.FromDays(11));

        Assert.Equal(["steady"], (await coverage.ListAsync(Intake.Person, default)).Select(s => s.Service));
    }

    private static Task<List<double>> OfSessionAsync(Intake intake) =>
        intake.ReadAsync(db => db.MetricSeries.Where(s => s.SessionId == "s-1").OrderBy(s => s.Value).Select(s => s.Value).ToListAsync());

    private static async Task ClearAsync(Intake intake, TimeSpan later)
    {
        intake.Time.Advance(later);
        await new ClearAway(intake.Store, intake.Get<ContentRules>(), intake.Get<StepDays>(), intake.Time, NullLogger<ClearAway>.Instance).HandleAsync(default);
    }

    private static Task<(int Steps, int Contents)> KeptAsync(Intake intake) => intake.ReadAsync(async db => (await db.Steps.CountAsync(), await db.StepContents.CountAsync()));
}
