using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Ingest;

/// <summary>A key speaks for its team and its agents alone.</summary>
public sealed class TeamTests
{
    [Theory, Databases]
    public async Task Threat_18_A_span_for_another_team_s_session_is_rejected_alone(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", AgentName = "desk" });

        var receipt = await intake.SendAsync(
            Intake.Team("others"),
            Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "s-1", AgentName = "thief" },
            Spans.Call(2, trace: Spans.OtherTrace) with { SessionId = "s-9", AgentName = "thief" });

        Assert.Equal((1, 1, "the session belongs to another team"), (receipt.Accepted, receipt.Rejected, receipt.RejectionReason));
        Assert.Equal(1, (await intake.SessionAsync("s-1")).Steps);
        Assert.Equal("others", (await intake.SessionAsync("s-9")).Team);
    }

    [Theory, Databases]
    public async Task Threat_18_A_span_in_another_team_s_trace_is_rejected(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0));

        var receipt = await intake.SendAsync(Intake.Team("others"), Spans.Call(1, parent: 0) with { SessionId = "s-9" });

        Assert.Equal((0, 1, "the trace belongs to another team"), (receipt.Accepted, receipt.Rejected, receipt.RejectionReason));
        Assert.Equal(1, (await intake.SessionAsync(Spans.Trace)).Steps);
        Assert.Equal([Spans.Trace], await intake.SessionIdsAsync());
    }

    [Theory, Databases]
    public async Task Threat_18_A_span_that_names_another_team_s_agent_is_rejected(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { AgentName = "desk" });

        var receipt = await intake.SendAsync(Intake.Team("others"), Spans.Call(1, trace: Spans.OtherTrace) with { AgentName = "desk" });

        Assert.Equal((0, 1), (receipt.Accepted, receipt.Rejected));
        Assert.Empty(await intake.ReadAsync(db => db.Traces.Where(t => t.TraceId == Spans.OtherTrace).ToListAsync()));
    }

    [Theory, Databases]
    public async Task A_service_that_only_shares_a_name_with_another_team_s_is_not_shut_out(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", ServiceName = "unknown_service" });

        var receipt = await intake.SendAsync(Intake.Team("others"), Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "s-2", ServiceName = "unknown_service" });

        Assert.Equal(1, receipt.Accepted);
        Assert.Equal("unknown_service@others", (await intake.SessionAsync("s-2")).Agent);
    }

    [Theory, Databases]
    public async Task Threat_18_A_key_limited_to_an_agent_speaks_for_no_other(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        var receipt = await intake.SendAsync(
            Intake.Team("ops", "desk"),
            Spans.Call(0) with { SessionId = "s-1", AgentName = "desk" }, Spans.Call(1) with { AgentName = "boss" }, Spans.Call(2));

        Assert.Equal((2, 1, "this key may not speak for the agent that the span names"), (receipt.Accepted, receipt.Rejected, receipt.RejectionReason));
        Assert.Equal(["desk"], (await intake.SessionAsync("s-1")).Agents);
    }

    [Theory, Databases]
    public async Task A_key_limited_to_several_agents_does_not_inherit_another(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Of(0) with { SessionId = "s-1", AgentName = "boss" });

        var receipt = await intake.SendAsync(Intake.Team("ops", "desk", "clerk"), Spans.Call(1, parent: 0), Spans.Call(2, parent: 0) with { AgentName = "clerk" });

        Assert.Equal((1, 1), (receipt.Accepted, receipt.Rejected));
        Assert.Equal(["boss", "clerk"], (await intake.SessionAsync("s-1")).Agents);
    }

    [Theory, Databases]
    public async Task Names_that_can_t_be_keys_reject_their_span_alone(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        var receipt = await intake.SendAsync(
            Spans.Call(0) with { SessionId = new string('x', 201) }, Spans.Call(1) with { AgentName = "a\nb" }, Spans.Call(2) with { SessionId = "s-1" });

        Assert.Equal((1, 2), (receipt.Accepted, receipt.Rejected));
        Assert.Equal(["s-1"], await intake.SessionIdsAsync());
    }

    [Theory, Databases]
    public async Task A_key_sees_its_own_team_s_sessions_and_of_them_its_agents_alone(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", AgentName = "desk" });
        await intake.SendAsync(Spans.Call(0, trace: Spans.OtherTrace) with { SessionId = "s-2", AgentName = "boss" });

        async Task<string[]> Seen(params string[] key) =>
            [.. (await intake.Sessions.ListAsync(Intake.Team(key[0], key[1..]), new SessionFilter(), SessionSort.LastActivityAt, null, 10, CancellationToken.None)).Items.Select(s => s.SessionId).Order()];

        Assert.Equal(["s-1", "s-2"], await Seen("ops"));
        Assert.Equal(["s-1"], await Seen("ops", "desk"));
        Assert.Empty(await Seen("others"));
        await Assert.ThrowsAsync<Refusal>(() => intake.Sessions.OneAsync(Intake.Team("ops", "desk"), "s-2", CancellationToken.None));
        await Assert.ThrowsAsync<Refusal>(() => intake.Get<StepQueries>().ListAsync(Intake.Team("others"), "s-1", null, null, 10, CancellationToken.None));
        await Assert.ThrowsAsync<Refusal>(() => intake.Get<StepQueries>().ContentAsync(Intake.Team("others"), Spans.Trace, Spans.Id(0), CancellationToken.None));
    }
}
