using CsCheck;
using Handrail.Access;
using Handrail.Costs;
using Handrail.Ingest;
using Handrail.Policies;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Sessions;

/// <summary>How long calls take, as the Fleet page says it.</summary>
public sealed class CallLatencyTests
{
    [Fact]
    public void A_percentile_is_true_to_a_tenth() => Gen.Select(Gen.Double[1, 3_600_000].Array[1, 200], Gen.Double[0.05, 1]).Sample((took, share) =>
    {
        var buckets = took.GroupBy(ms => CallLatency.BucketOf(TimeSpan.FromMilliseconds(ms))).Select(g => (g.Key, g.Count()));
        var exact = took.Order().ElementAt((int)Math.Ceiling(share * took.Length) - 1);

        Assert.InRange(CallLatency.Percentile(buckets, share)!.Value.TotalMilliseconds, exact / 1.1, exact * 1.1);
    });

    [Fact]
    public void Of_no_calls_there_is_none_and_what_was_taken_back_counts_for_nothing()
    {
        Assert.Null(CallLatency.Percentile([], 0.5));
        Assert.Null(CallLatency.Percentile([(3, 0), (4, -1)], 0.5));
        Assert.Equal(CallLatency.Of(7), CallLatency.Percentile([(3, -2), (7, 1)], 0.95));
    }

    [Theory, Databases]
    public async Task Spans_are_counted_by_how_long_they_took_once_under_the_agent_that_made_them_and_old_hours_are_cleared_away(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        Step Call(int number, int seconds) => Spans.Call(number) with { SessionId = "s-1", AgentName = "desk", EndedAt = Spans.Noon.AddSeconds(number + seconds) };
        await intake.SendAsync(Call(1, 1), Call(2, 1), Call(3, 60), Spans.Tool(4, "lookup") with { AgentName = "desk" });
        await intake.SendAsync(Call(1, 1), Call(5, 1));

        var counted = await intake.ReadAsync(db => db.CallLatencies.OrderBy(l => l.Kind).ThenBy(l => l.Bucket).ToListAsync());
        Assert.Equal(
            [(HourlyCost.Model, CallLatency.BucketOf(TimeSpan.FromSeconds(1)), 3), (HourlyCost.Model, CallLatency.BucketOf(TimeSpan.FromSeconds(60)), 1), (HourlyCost.Tool, CallLatency.BucketOf(TimeSpan.FromSeconds(1)), 1)],
            counted.Select(l => (l.Kind, l.Bucket, l.Calls)));
        var card = Assert.Single((await new FleetQueries(intake.Store, intake.Get<PolicySnapshots>(), intake.Time).ReadAsync(Caller.System, intake.Time.GetUtcNow(), default)).Agents);
        Assert.Equal(("desk", false), (card.Agent, card.Speed!.OfTools));
        Assert.InRange(card.Speed.P50.TotalSeconds, 0.9, 1.1);
        Assert.InRange(card.Speed.P95.TotalSeconds, 54, 66);

        intake.Time.Advance(TimeSpan.FromDays(3));
        await intake.Get<Breakers.TidyMinutes>().HandleAsync(default);
        Assert.Empty(await intake.ReadAsync(db => db.CallLatencies.ToListAsync()));
    }
}
