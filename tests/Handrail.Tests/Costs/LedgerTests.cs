using Handrail.Access;
using Handrail.Ingest;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Xunit;

namespace Handrail.Costs;

/// <summary>Whatever is sent, in whatever order: money is counted once, and comes to the same by whatever it is broken down.</summary>
public sealed class LedgerTests
{
    private const int Stories = 8;

    private static readonly SpendRange Weeks = new(new DateOnly(2026, 10, 15), new DateOnly(2026, 11, 10), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    [Theory, Databases]
    public async Task Sums_by_day_agent_model_tool_and_user_are_what_the_sessions_cost(DatabaseProvider provider)
    {
        for (var seed = 0; seed < Stories; seed++)
        {
            await using var intake = await Intake.OpenAsync(provider);
            await TellAsync(intake, new Random(seed));

            var sessions = await intake.ReadAsync(db => db.Sessions.Where(s => s.MovedTo == null).ToListAsync());
            var paid = await PaidAsync(intake);
            var spend = new SpendQueries(intake.Store, intake.Time);
            var total = sessions.Sum(s => s.CostNanos) / 1_000_000_000m;
            Assert.True(total > 0, $"seed {seed} spent nothing");
            foreach (var by in Enum.GetValues<SpendBy>())
            {
                var reading = await spend.ReadAsync(Intake.Person, Weeks, new SpendFilter(), by, CancellationToken.None);

                Assert.Equal(total, reading.Total.Usd);
                Assert.Equal(total, reading.Lines.Sum(l => l.Sum.Usd));
                Assert.Equal(sessions.Sum(s => (long)s.UnpricedCalls), reading.Total.Unpriced);
                Assert.Equal(sessions.Sum(s => s.InputTokens), reading.Total.InputTokens);
                Assert.Equal(sessions.Sum(s => s.OutputTokens), reading.Total.OutputTokens);
                Assert.Equal(sessions.Sum(s => s.CachedTokens), reading.Total.CachedTokens);
                Assert.Equal(Sums(paid, p => Key(p, by)), reading.Lines.Where(l => l.Sum.Usd != 0).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => (l.Key ?? "", l.Sum.Usd)));
                Assert.Equal(
                    Sums(paid, p => CostDays.Of(HourlyCost.HourOf(p.At), Weeks.Zone).DayNumber.ToString("D8", System.Globalization.CultureInfo.InvariantCulture)),
                    Weeks.Buckets().Zip(reading.Buckets).Where(b => b.Second.Usd != 0).Select(b => (b.First.Day.DayNumber.ToString("D8", System.Globalization.CultureInfo.InvariantCulture), b.Second.Usd)));
                var cells = await spend.CellsAsync(Intake.Person, Weeks, new SpendFilter(), by, CancellationToken.None);
                Assert.Equal(total, cells.Sum(c => c.Line.Sum.Usd));
            }

            var dearest = await spend.SessionsAsync(Intake.Person, Weeks, new SpendFilter(), 0, 1_000, CancellationToken.None);
            Assert.Equal(
                sessions.Where(s => s.CostNanos > 0 || s.UnpricedCalls > 0).Select(s => (s.Id, s.CostNanos / 1_000_000_000m, (long)s.UnpricedCalls)).Order(),
                dearest.Items.Select(s => (s.SessionId, s.Usd, s.Unpriced)).Order());
            Assert.Equal(dearest.Items.OrderByDescending(s => s.Usd).Select(s => s.Usd), dearest.Items.Select(s => s.Usd));
            await NarrowedAsync(spend, paid);
        }
    }

    [Theory, Databases]
    public async Task What_an_older_version_added_up_is_told_by_session_as_far_as_it_is_known_and_loses_nothing(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await TellAsync(intake, new Random(1), toolsCost: false);
        await intake.Store.WriteAsync(
            unit =>
            {
                unit.Db.HourlyCosts.Add(new HourlyCost { Hour = Spans.Noon.AddDays(-14), Agent = "agent-0", Kind = HourlyCost.Model, Source = "of steps that are gone", CostNanos = 7_000_000_000, InputTokens = 70, Calls = 3 });
                return Task.CompletedTask;
            },
            CancellationToken.None);
        var before = await intake.ReadAsync(Rows);
        var hours = await intake.ReadAsync(Hours);

        await intake.ReadAsync(async db =>
        {
            await db.GetService<IMigrator>().MigrateAsync("Desk");
            await db.Database.MigrateAsync();
            return true;
        });

        var after = await intake.ReadAsync(Rows);
        Assert.Equal(before.Append(" agent-0 model of steps that are gone 7000000000 70 0 0 0 3 0").Order(StringComparer.Ordinal), after.Order(StringComparer.Ordinal));
        Assert.Equal(hours, await intake.ReadAsync(Hours));

        static async Task<List<string>> Rows(HandrailDb db) => (await db.SessionHours.ToListAsync()).Where(h => !h.IsEmpty)
            .Select(h => $"{h.SessionId} {h.Agent} {h.Kind} {h.Source} {h.CostNanos} {h.InputTokens} {h.OutputTokens} {h.CachedTokens} {h.CacheWriteTokens} {h.Calls} {h.UnpricedCalls}").ToList();

        static async Task<List<string>> Hours(HandrailDb db) => (await db.HourlyCosts.OrderBy(h => h.Hour).ThenBy(h => h.Agent).ThenBy(h => h.Kind).ThenBy(h => h.Source).ToListAsync()).Where(h => !h.IsEmpty)
            .Select(h => $"{h.Hour:O} {h.Agent} {h.Kind} {h.Source} {h.CostNanos} {h.InputTokens} {h.CacheWriteTokens} {h.UnpricedCalls}").ToList();
    }

    [Theory, Databases]
    public async Task Figures_of_any_size_are_added_up_and_bring_nothing_down(DatabaseProvider provider)
    {
        const long Largest = 9_000_000_000_000_000_000;
        await using var intake = await Intake.OpenAsync(provider);
        await intake.Store.WriteAsync(
            unit =>
            {
                unit.Db.HourlyCosts.AddRange(Enumerable.Range(0, 5).Select(i => new HourlyCost
                {
                    Hour = Spans.Noon, Agent = $"a-{i}", Kind = HourlyCost.Model, Source = "m", CostNanos = Largest, InputTokens = Largest, OutputTokens = Largest, CachedTokens = Largest, Calls = int.MaxValue,
                }));
                return Task.CompletedTask;
            },
            CancellationToken.None);

        var reading = await new SpendQueries(intake.Store, intake.Time).ReadAsync(Intake.Person, Weeks, new SpendFilter(), SpendBy.Model, CancellationToken.None);

        Assert.Equal((45_000_000_000m, 5m * Largest, 5L * int.MaxValue), (reading.Total.Usd, reading.Total.InputTokens, reading.Total.Calls));
    }

    [Theory, Databases]
    public async Task Nobody_but_a_person_who_may_look_is_told_what_was_spent(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", AgentName = "desk" });
        var spend = new SpendQueries(intake.Store, intake.Time);
        foreach (var caller in new[] { Intake.Team(), Intake.Team("others"), Intake.Team("ops", "desk"), Intake.Person with { Roles = new HashSet<string>() } })
        {
            await Assert.ThrowsAsync<Refusal>(async () => await spend.ReadAsync(caller, Weeks, new SpendFilter(), SpendBy.Agent, CancellationToken.None));
            await Assert.ThrowsAsync<Refusal>(async () => await spend.CellsAsync(caller, Weeks, new SpendFilter(), SpendBy.Agent, CancellationToken.None));
            await Assert.ThrowsAsync<Refusal>(async () => await spend.SessionsAsync(caller, Weeks, new SpendFilter(), 0, 10, CancellationToken.None));
            await Assert.ThrowsAsync<Refusal>(async () => await spend.ByHourAsync(caller, Weeks, new SpendFilter(), SpendBy.Model, CancellationToken.None));
            await Assert.ThrowsAsync<Refusal>(async () => await new OutcomeQueries(intake.Store).ReadAsync(caller, Weeks, new SpendFilter(), CancellationToken.None));
        }
    }

    private static async Task NarrowedAsync(SpendQueries spend, List<Paid> paid)
    {
        foreach (var one in paid.Where(p => p.Usd > 0).DistinctBy(p => (p.Agent, p.Kind, p.Source, p.User)).Take(6))
        {
            var filter = new SpendFilter
            {
                Agent = one.Agent, User = one.User, Model = one.Kind == HourlyCost.Model ? one.Source : null, Tool = one.Kind == HourlyCost.Tool ? one.Source : null,
            };
            bool Meets(Paid p) => p.Agent == one.Agent && (one.User is null || p.User == one.User)
                && (filter is { Model: null, Tool: null } || (p.Kind == one.Kind && p.Source == one.Source));

            var reading = await spend.ReadAsync(Intake.Person, Weeks, filter, SpendBy.Agent, CancellationToken.None);

            Assert.Equal(paid.Where(Meets).Sum(p => p.Usd), reading.Total.Usd);
            Assert.Equal(reading.Total.Usd, (await spend.SessionsAsync(Intake.Person, Weeks, filter, 0, 1_000, CancellationToken.None)).Items.Sum(s => s.Usd));
        }
    }

    private static IEnumerable<(string, decimal)> Sums(List<Paid> paid, Func<Paid, string> key) =>
        paid.GroupBy(key).Select(g => (g.Key, g.Sum(p => p.Usd))).Where(s => s.Item2 != 0).OrderBy(s => s.Key, StringComparer.Ordinal);

    private static string Key(Paid paid, SpendBy by) => by switch
    {
        SpendBy.Agent => paid.Agent,
        SpendBy.Model => paid.Kind == HourlyCost.Model ? paid.Source : "",
        SpendBy.Tool => paid.Kind == HourlyCost.Tool ? paid.Source : "",
        _ => paid.User ?? "",
    };

    /// <summary>What is stored of steps and cost events, one by one: what the sums must come to.</summary>
    private static Task<List<Paid>> PaidAsync(Intake intake) => intake.ReadAsync(async db =>
    {
        var users = await db.Sessions.ToDictionaryAsync(s => s.Id, s => s.User);
        var steps = await db.Steps.Where(s => s.CountsCost && s.CostNanos != null).ToListAsync();
        var events = await db.CostEvents.ToListAsync();
        return (List<Paid>)
        [
            .. steps.Select(s => new Paid(
                s.StartedAt, s.Agent!, s.Kind == StepKind.Tool && !(s.Counts && (s.InputTokens ?? s.OutputTokens) is not null) ? HourlyCost.Tool : HourlyCost.Model,
                s.Kind == StepKind.Tool && !(s.Counts && (s.InputTokens ?? s.OutputTokens) is not null) ? s.ToolName! : s.ResponseModel ?? "unknown model", users[s.SessionId], s.CostNanos!.Value / 1_000_000_000m)),
            .. events.Where(e => e.Currency == "USD").Select(e => new Paid(e.At, e.Agent, e.Kind, e.Name ?? "", users[e.SessionId], e.Amount)),
        ];
    });

    /// <summary>Traces with and without sessions, late roots, parents that repeat their children's sums, tools that cost, costs without a span; cut, mixed and repeated.</summary>
    private static async Task TellAsync(Intake intake, Random random, bool toolsCost = true)
    {
        List<Step> spans = [.. Enumerable.Range(0, 14).SelectMany(trace => Trace(trace, random, toolsCost))];
        var parts = spans.Concat(spans.Where(_ => random.Next(5) == 0)).OrderBy(_ => random.Next()).Chunk(5).ToList();
        var costs = Enumerable.Range(0, 12).Select(i => new ReportedCost(
            0, $"c-{i}", random.Next(3) == 0 ? $"{random.Next(14):x32}" : $"s-{random.Next(5)}", new[] { "tool", "human", "other", "model" }[random.Next(4)], random.Next(1, 400) / 100m,
            random.Next(5) == 0 ? "EUR" : "USD")
        { Agent = $"agent-{random.Next(3)}", Name = random.Next(3) == 0 ? null : "search", At = At(random), InputTokens = random.Next(50) }).ToList();
        foreach (var part in parts)
        {
            await intake.SendAsync(part);
            if (costs.Count > 0 && random.Next(2) == 0)
            {
                await intake.Get<RecordCosts>().HandleAsync(Intake.Team(), [costs[^1]], CancellationToken.None);
                costs.RemoveAt(costs.Count - 1);
            }
        }
    }

    private static IEnumerable<Step> Trace(int number, Random random, bool toolsCost)
    {
        var (trace, at, count) = ($"{number:x32}", At(random), random.Next(2, 8));
        yield return Spans.Of(0, StepKind.Agent, trace: trace) with
        {
            SessionId = random.Next(3) > 0 ? $"s-{random.Next(5)}" : null,
            AgentName = random.Next(4) > 0 ? $"agent-{random.Next(3)}" : null,
            EndUser = random.Next(2) == 0 ? $"u-{random.Next(3)}" : null,
            StartedAt = at,
            EndedAt = at.AddMinutes(1),
            Usage = random.Next(3) == 0 ? new TokenUsage(random.Next(900), 90, 0, null, null) : default,
        };
        for (var i = 1; i <= count; i++)
        {
            var span = random.Next(4) switch
            {
                0 => Spans.Tool(i, $"tool-{random.Next(2)}", random.Next(i), trace) with { ReportedCostUsd = toolsCost && random.Next(2) == 0 ? random.Next(1, 100) / 1_000m : null },
                1 => Spans.Call(i, random.Next(i), trace) with { ReportedCostUsd = null, ResponseModel = "nobody-sells-it" },
                2 => Spans.Of(i, StepKind.Workflow, random.Next(i), trace) with { Usage = new TokenUsage(500, 50, 10, 5, null), AgentName = random.Next(3) == 0 ? "agent-2" : null },
                _ => Spans.Call(i, random.Next(i), trace) with { ReportedCostUsd = random.Next(1, 500) / 10_000m, ResponseModel = $"gpt-5.{random.Next(3)}" },
            };
            yield return span with { StartedAt = at.AddSeconds(i * 400), EndedAt = at.AddSeconds((i * 400) + 3), Failed = random.Next(8) == 0 };
        }
    }

    private static DateTimeOffset At(Random random) => Spans.Noon.AddMinutes(-random.Next(12 * 24 * 60));

    private sealed record Paid(DateTimeOffset At, string Agent, string Kind, string Source, string? User, decimal Usd);
}
