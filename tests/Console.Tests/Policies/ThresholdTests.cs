using Handrail.Access;
using Handrail.Host;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>Thresholds beside the figures of the last 30 days.</summary>
public sealed class ThresholdTests
{
    [Theory, Databases]
    public async Task Amounts_that_a_limit_covers_are_told_by_type_category_vendor_and_currency(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await AskAsync(host, "a-1", "expense.approve", 10, "USD", "Blue Door", "meals");
        await AskAsync(host, "a-2", "expense.approve", 20, "USD", "BLUE  door", "travel");
        await AskAsync(host, "a-3", "expense.export", 30, "USD", "Delta", "meals");
        await AskAsync(host, "a-4", "expense.approve", 99, "EUR", "Blue Door", "meals");
        await AskAsync(host, "a-5", "email.send", 77, "USD", null, null);

        Assert.Equal(3, (await ReadAsync(host, new LimitSubject("expense.*", null, null, "USD"))).Count);
        var ofVendor = await ReadAsync(host, new LimitSubject("Expense.Approve", null, "blue door", "USD"));
        Assert.Equal((2, 20m, 1), (ofVendor.Count, ofVendor.Quantiles!.Most, ofVendor.Above(10)));
        Assert.Equal(1, (await ReadAsync(host, new LimitSubject("expense.approve", "meals", null, "EUR"))).Count);
        Assert.Equal(0, (await ReadAsync(host, new LimitSubject(null, null, null, "USD") { Agent = "other" })).Count);
        var all = await host.Services<ThresholdQueries>().AmountsAsync(Caller.System, default);
        Assert.Equal((2, 2), (all[("desk", "expense.approve", "USD")].Count, all[("", "expense.approve", "USD")].Count));
    }

    [Theory, Databases]
    public async Task Figures_of_breakers_are_told_for_sessions_and_for_hours(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk"))).Expect(200);
        await AskAsync(host, "a-1", "expense.approve", 10, "USD", null, null);

        foreach (var metric in Enum.GetValues<BreakerMetric>())
        {
            var ofSessions = await ReadAsync(host, new BreakerSubject(BreakerScope.Session, metric, null, "USD"));
            var ofHours = await ReadAsync(host, new BreakerSubject(BreakerScope.Agent, metric, TimeSpan.FromHours(2), "USD"));
            Assert.True(ofSessions is { Count: > 0, Counted: "sessions" }, $"no session tells of {metric}");
            Assert.True(ofHours.Count > 0 && ofHours.Counted == (metric.IsOfOneSession() ? "sessions" : "stretches of time"), $"no stretch of time tells of {metric}");
        }

        Assert.Equal(1, (await ReadAsync(host, new BreakerSubject(BreakerScope.Fleet, BreakerMetric.LlmCalls, TimeSpan.FromHours(1), null))).Count);
        Assert.True((await ReadAsync(host, new BreakerSubject(BreakerScope.Session, BreakerMetric.LlmCalls, null, null))).Quantiles!.Most >= 1);
    }

    [Theory, Databases]
    public async Task How_far_loops_runs_of_errors_and_silences_went_is_told_for_each_session(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var start = TimeProvider.System.GetUtcNow().AddHours(-1);
        await SaveAsync(host, "s-loop", start, Enumerable.Range(0, 7).Select(i => Call(i) with { Asked = 1, Got = 2 }));
        await SaveAsync(host, "s-fails", start, Enumerable.Range(0, 9).Select(i => Call(i) with { Asked = i, Failed = i is >= 2 and < 6 }));
        await SaveAsync(host, "s-pong", start, Enumerable.Range(0, 8).Select(i => Call(i) with { Kind = StepKind.Llm, Agent = i % 2 == 0 ? "desk" : "other", Asked = i }));
        await SaveAsync(host, "s-silent", start, Enumerable.Range(0, 3).Select(i => Call(i * 100) with { Asked = i }));

        async Task<(int Count, decimal Most)> OfAsync(BreakerMetric metric)
        {
            var read = await ReadAsync(host, new BreakerSubject(BreakerScope.Session, metric, null, null));
            return (read.Count, read.Quantiles!.Most);
        }

        Assert.Equal((4, 7m), await OfAsync(BreakerMetric.RepeatedCalls));
        Assert.Equal((4, 4m), await OfAsync(BreakerMetric.ConsecutiveErrors));
        Assert.Equal((4, 7m), await OfAsync(BreakerMetric.PingPong));
        Assert.Equal((4, 1000m), await OfAsync(BreakerMetric.SilenceSeconds));
        var loops = await ReadAsync(host, new BreakerSubject(BreakerScope.Session, BreakerMetric.RepeatedCalls, null, null));
        Assert.Equal(1, loops.Above(5));
        Assert.Equal(0, (await ReadAsync(host, new BreakerSubject(BreakerScope.Session, BreakerMetric.RepeatedCalls, null, null) { Agent = "nobody" })).Count);
    }

    private static Call Call(int at) => new() { Trace = "t", Kind = StepKind.Tool, Tool = "look", Agent = "desk", StartedAt = DateTimeOffset.UnixEpoch.AddSeconds(at * 10), EndedAt = DateTimeOffset.UnixEpoch.AddSeconds((at * 10) + 1) };

    private static async Task SaveAsync(ConsoleHost host, string id, DateTimeOffset start, IEnumerable<Call> calls)
    {
        await host.Services<StepDays>().EnsureAsync(TimeProvider.System.GetUtcNow(), default);
        await using var db = await host.Services<IDbContextFactory<HandrailDb>>().CreateDbContextAsync();
        db.Sessions.Add(new Session { Id = id, Team = "default", Agent = "desk", StartedAt = start, LastActivityAt = start });
        db.Steps.AddRange(calls.Select((c, i) => new StepRow
        {
            TraceId = $"{id}-t", SpanId = $"{i:d4}", SessionId = id, Name = "call", Kind = c.Kind, Agent = c.Agent, ToolName = c.Tool, Failed = c.Failed, Asked = c.Asked, Got = c.Got,
            StartedAt = start + (c.StartedAt - DateTimeOffset.UnixEpoch), EndedAt = start + (c.EndedAt - DateTimeOffset.UnixEpoch), ReceivedAt = start + (c.StartedAt - DateTimeOffset.UnixEpoch), IsOwn = true, Counts = true,
        }));
        await db.SaveChangesAsync();
    }

    [Fact]
    public async Task Who_may_not_look_is_told_no_figures()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var key = new Caller { Kind = CallerKind.AgentKey, Id = "k", Name = "k", Team = "default" };

        var refused = await Assert.ThrowsAsync<Refusal>(() => host.Services<ThresholdQueries>().ReadAsync(key, new LimitSubject(null, null, null, "USD"), default));
        var past = await Assert.ThrowsAsync<Refusal>(() => host.Services<PastActions>().ListAsync(key, null, null, 10, default));
        var proofs = await Assert.ThrowsAsync<Refusal>(() => host.Services<GuaranteeQueries>().ProveAsync(key, "fleet", PolicyDocument.FleetDefault, default));

        Assert.All([refused, past, proofs], r => Assert.Equal(RefusalKind.NotAllowed, r.Kind));
    }

    [Theory, Databases]
    public async Task Past_actions_are_found_by_session_and_by_id_and_tell_what_was_asked(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await AskAsync(host, "a-1", "expense.approve", 10, "USD", "Delta", null);
        await AskAsync(host, "a-2", "expense.approve", 12, "USD", "Delta", null);
        var past = host.Services<PastActions>();

        Assert.Equal(["a-2", "a-1"], (await past.ListAsync(Caller.System, "desk", null, 10, default)).Select(r => r.ActionId));
        Assert.Equal(2, (await past.ListAsync(Caller.System, null, "s-1", 10, default)).Count);
        var found = Assert.Single(await past.ListAsync(Caller.System, null, "a-1", 10, default));
        var one = await past.OneAsync(Caller.System, found.SessionId, found.ActionId, default);

        Assert.Equal((10m, "Delta", Verdict.Review), (one.Request.Amount, one.Request.Vendor, one.Verdict));
        Assert.Empty(await past.ListAsync(Caller.System, "other", null, 10, default));
    }

    private static Task<ThresholdHistory> ReadAsync(ConsoleHost host, ThresholdSubject subject) => host.Services<ThresholdQueries>().ReadAsync(Caller.System, subject, default);

    private static async Task AskAsync(ConsoleHost host, string id, string type, decimal amount, string currency, string? vendor, string? category) =>
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = id, agent = "desk", type, amount, currency, vendor, category })).Expect(200);
}
