using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Ingest;

/// <summary>The same spans come to the same totals, however they are cut into requests and in whatever order they come.</summary>
public sealed class AnyOrderTests
{
    private const int Shuffles = 12;

    [Theory, Databases]
    public async Task Any_order_any_cut_and_any_repetition_give_the_same_totals(DatabaseProvider provider)
    {
        var spans = Story();
        var wanted = await TotalsAsync(provider, intake => intake.SendAsync([.. spans]));
        Assert.Contains(wanted, line => line.StartsWith("s-1 desk [clerk,desk] u-1 turns 2 steps 12", StringComparison.Ordinal));

        for (var seed = 0; seed < Shuffles; seed++)
        {
            var random = new Random(seed);
            var shuffled = spans.Concat(spans.Where(_ => random.Next(4) == 0)).OrderBy(_ => random.Next()).ToArray();
            var got = await TotalsAsync(provider, async intake =>
            {
                for (var at = 0; at < shuffled.Length;)
                {
                    var count = random.Next(1, 8);
                    await intake.SendAsync([.. shuffled.Skip(at).Take(count)]);
                    at += count;
                }
            });
            Assert.Equal(wanted, got);
        }
    }

    [Theory, Databases]
    public async Task Many_callers_at_once_give_the_same_totals(DatabaseProvider provider)
    {
        var spans = Story();
        var wanted = await TotalsAsync(provider, intake => intake.SendAsync([.. spans]));
        for (var seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed);
            var shuffled = spans.Concat(spans).OrderBy(_ => random.Next()).Chunk(3).ToList();
            Assert.Equal(wanted, await TotalsAsync(provider, intake => Task.WhenAll(shuffled.Select(part => intake.SendAsync(part)))));
        }
    }

    [Fact]
    public async Task Several_processes_on_one_database_give_the_same_totals()
    {
        const DatabaseProvider provider = DatabaseProvider.Postgres;
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var spans = Story();
        var wanted = await TotalsAsync(provider, intake => intake.SendAsync([.. spans]));
        for (var seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed);
            var shuffled = spans.Concat(spans).OrderBy(_ => random.Next()).Chunk(2).ToList();
            Assert.Equal(wanted, await TotalsAsync(provider, async intake =>
            {
                await using var other = await intake.BesideAsync();
                await Task.WhenAll(shuffled.Select((part, i) => (i % 2 == 0 ? intake : other).SendAsync(part)));
            }));
        }
    }

    /// <summary>A conversation over three traces with a late root, an orchestrator that repeats its sums, a trace of two sessions, one of none.</summary>
    private static List<Step> Story()
    {
        string Trace(int n) => $"{n:x32}";
        return
        [
            Spans.Of(0, StepKind.Agent, trace: Trace(1)) with { SessionId = "s-1", AgentName = "desk", EndUser = "u-1", Failed = true },
            Spans.Call(1, 0, Trace(1)), Spans.Tool(2, "pay", 0, Trace(1)) with { Failed = true }, Spans.Tool(3, "pay", 2, Trace(1)),
            Spans.Of(4, StepKind.Agent, 0, Trace(1)) with { AgentName = "clerk" }, Spans.Call(5, 4, Trace(1)),
            Spans.Of(6, StepKind.Workflow, 4, Trace(1)) with { Usage = new TokenUsage(900, 90, 0, null, null) }, Spans.Call(7, 6, Trace(1)),
            Spans.Of(10, StepKind.Agent, trace: Trace(2)) with { SessionId = "s-1", AgentName = "desk" },
            Spans.Call(11, 10, Trace(2)), Spans.Of(12, StepKind.Llm, 10, Trace(2)) with { Failed = true }, Spans.Of(13, StepKind.Llm, 10, Trace(2)) with { ResponseModel = "m" },
            Spans.Of(20, trace: Trace(3)) with { SessionId = "s-2" }, Spans.Call(21, 20, Trace(3)), Spans.Of(22, trace: Trace(3)) with { SessionId = "s-3" },
            Spans.Call(23, 22, Trace(3)), Spans.Tool(24, "mail", 22, Trace(3)),
            Spans.Call(30, 99, Trace(4)), Spans.Call(31, 30, Trace(4)) with { ReportedCostUsd = null, ResponseModel = "nobody-sells-it" },
        ];
    }

    private static async Task<List<string>> TotalsAsync(DatabaseProvider provider, Func<Intake, Task> send)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await send(intake);
        var sessions = (await intake.Sessions.ListAsync(Intake.Person, new SessionFilter(), SessionSort.StartedAt, null, 100, CancellationToken.None)).Items;
        var turns = await intake.ReadAsync(db => db.Turns.GroupBy(t => t.SessionId).Select(g => new { g.Key, Steps = g.Sum(t => t.Steps), Count = g.Count() }).ToDictionaryAsync(t => t.Key));
        var hours = (await intake.HoursAsync()).Select(h => $"{h.Hour:t} {h.Agent} {h.Source} {h.CostNanos} {h.InputTokens} {h.OutputTokens} {h.Calls}");
        Assert.All(sessions, s => Assert.Equal((s.Steps, s.Turns), (turns[s.SessionId].Steps, turns[s.SessionId].Count)));
        return
        [
            .. sessions.Select(s => $"{s.SessionId} {s.Agent} [{string.Join(',', s.Agents)}] {s.User} turns {s.Turns} steps {s.Steps} llm {s.LlmCalls} tools {s.ToolCalls} errors {s.Errors} "
                + $"in {s.InputTokens} out {s.OutputTokens} cached {s.CachedTokens} cost {s.CostNanos} unpriced {s.UnpricedCalls} context {s.ContextTokens} since {s.StartedAt:T}"),
            .. hours.Order(StringComparer.Ordinal),
        ];
    }
}
