using Handrail.Agents;
using Handrail.Costs;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Ingest;

/// <summary>Names and figures are the senders' to choose: neither fills the disk, nor hides what was spent.</summary>
public sealed class InventedFigures
{
    /// <summary>Nine billion dollars, in billionths.</summary>
    private const long Largest = 9_000_000_000_000_000_000;

    [Theory, Databases]
    public async Task A_team_has_so_many_agents_and_whoever_names_more_is_told(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", AgentName = "known" });
        await intake.Store.WriteAsync(
            unit =>
            {
                unit.Db.Agents.AddRange(Enumerable.Range(1, Agent.MostInTeam - 1).Select(i => new Agent { Name = $"a-{i}", Team = "ops", FirstSeenAt = unit.Now, LastSeenAt = unit.Now }));
                return Task.CompletedTask;
            },
            CancellationToken.None);

        var told = await intake.SendAsync(
            Spans.Call(1) with { TraceId = Trace(1), SessionId = "s-2", AgentName = "one too many" },
            Spans.Call(2) with { TraceId = Trace(2), SessionId = "s-3", AgentName = null, ServiceName = "a service of no agent" },
            Spans.Call(3) with { TraceId = Trace(3), SessionId = "s-4", AgentName = "known" });
        var costs = await intake.Get<RecordCosts>().HandleAsync(
            Intake.Team(), [new ReportedCost(0, "c-1", "s-5", "tool", 1, "USD") { Agent = "another" }, new ReportedCost(1, "c-2", "s-5", "tool", 1, "USD") { Agent = "known" }], CancellationToken.None);

        Assert.Equal((2, 1, Agent.TooMany), (told.Accepted, told.Rejected, told.RejectionReason));
        Assert.Equal("unknown", (await intake.SessionAsync("s-3")).Agent);
        Assert.Equal((1, Agent.TooMany), (costs.Accepted, Assert.Single(costs.Rejected).Error));
        Assert.Equal(["s-1", "s-3", "s-4", "s-5"], await intake.SessionIdsAsync());
    }

    [Theory, Databases]
    public async Task Totals_stop_at_the_largest_figure_and_never_begin_again_below_zero(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var call = Spans.Call(0) with { SessionId = "s-1" };
        await intake.SendAsync(call);
        await CostAsync(intake, "c-1");
        await intake.Store.WriteAsync(
            unit => unit.Db.Database.ExecuteSqlAsync($"UPDATE hourly_costs SET cost_nanos = {Largest - 1}, input_tokens = {Largest - 1}, output_tokens = {Largest - 1}, duration_micros = {Largest - 1}"), CancellationToken.None);
        await intake.Store.WriteAsync(
            unit => unit.Db.Database.ExecuteSqlAsync($"UPDATE sessions SET cost_nanos = {Largest - 1}, input_tokens = {Largest - 1}, output_tokens = {Largest - 1}"), CancellationToken.None);

        Assert.Equal(1, (await intake.SendAsync(call with { SpanId = "00000000000000ff" })).Accepted);
        await CostAsync(intake, "c-2");

        var session = await intake.ReadAsync(db => db.Sessions.SingleAsync(s => s.Id == "s-1"));
        Assert.Equal((Largest, Largest, Largest), (session.CostNanos, session.InputTokens, session.OutputTokens));
        Assert.All(await intake.HoursAsync(), h => Assert.InRange(h.CostNanos, Largest - 1, Largest));
        Assert.Contains(await intake.HoursAsync(), h => (h.CostNanos, h.InputTokens, h.DurationMicros) == (Largest, Largest, Largest));
    }

    [Theory, Databases]
    public async Task A_delta_metric_of_the_largest_numbers_stays_a_number(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        for (var i = 0; i < 4; i++)
        {
            var point = new Telemetry.MetricPoint("s", "i", null, "m", null, "{}", Telemetry.MetricKind.Delta, null, Spans.Noon.AddSeconds(i), i < 2 ? double.MaxValue : -double.MaxValue, long.MaxValue);
            Assert.Equal((0, null), await intake.Get<RecordMetrics>().HandleAsync(Intake.Team(), [point], CancellationToken.None));
        }

        var series = await intake.ReadAsync(db => db.MetricSeries.SingleAsync());
        Assert.Equal((-double.MaxValue, Largest), (series.Value, series.Count));
    }

    private static async Task CostAsync(Intake intake, string id) => Assert.Equal(1, (await intake.Get<RecordCosts>().HandleAsync(
        Intake.Team(), [new ReportedCost(0, id, "s-1", "tool", 1, "USD") { Agent = "clerk", At = Spans.Noon, Name = "geocoder" }], CancellationToken.None)).Accepted);

    private static string Trace(int number) => $"{number:x32}";
}
