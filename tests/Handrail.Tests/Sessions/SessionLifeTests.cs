using System.Text.Json;
using Handrail.Access;
using Handrail.Ingest;
using Handrail.Live;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Sessions;

public sealed class SessionLifeTests
{
    [Theory, Databases]
    public async Task A_session_silent_for_longer_than_its_limit_is_lost_until_it_is_heard_of_again(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });
        var watch = intake.Get<LoseSilentSessions>();

        intake.Time.Advance(TimeSpan.FromSeconds(599));
        Assert.Equal(0, await watch.HandleAsync(CancellationToken.None));
        intake.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await watch.HandleAsync(CancellationToken.None));
        Assert.Equal(SessionState.Lost, (await intake.SessionAsync("s-1")).State);

        await intake.SendAsync(Spans.Call(1));
        Assert.Equal(SessionState.Running, (await intake.SessionAsync("s-1")).State);
    }

    [Theory, Databases]
    public async Task The_silence_limit_is_the_policy_s_and_the_shorter_of_two_holds(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", AgentName = "desk" }, Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "s-2", AgentName = "clerk" });
        await PublishAsync(intake, "agent:desk", 60);
        intake.Time.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(1, await intake.Get<LoseSilentSessions>().HandleAsync(CancellationToken.None));
        Assert.Equal((SessionState.Lost, SessionState.Running), ((await intake.SessionAsync("s-1")).State, (await intake.SessionAsync("s-2")).State));
    }

    [Theory, Databases]
    public async Task Spans_on_their_way_do_not_open_an_ended_session_again(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });
        await intake.Get<EndSession>().HandleAsync(
            Intake.Team(), "s-1", new SessionEnd("completed") { Summary = "done", Value = new SessionValue(12.5m, "EUR"), Units = new SessionUnits("article", 1) }, CancellationToken.None);

        await intake.SendAsync(Spans.Call(1));

        var session = await intake.SessionAsync("s-1");
        Assert.Equal((SessionState.Completed, "completed", 2), (session.State, session.Outcome, session.Steps));
        Assert.Equal((new SessionValue(12.5m, "EUR"), new SessionUnits("article", 1)), (session.Value, session.Units));
        Assert.Equal(2, session.Version);
    }

    [Theory, Databases]
    public async Task Telemetry_never_changes_the_version_that_people_s_If_Match_is_compared_with(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });
        await intake.SendAsync(Spans.Call(1));

        Assert.Equal(1, (await intake.SessionAsync("s-1")).Version);
    }

    [Theory, Databases]
    public async Task A_new_session_of_a_paused_agent_is_paused_and_of_a_stopped_fleet_stopped(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", AgentName = "desk" });
        await intake.Get<ControlScope>().HandleAsync(Intake.Person, "desk", ControlKind.Pause, "look", CancellationToken.None);
        await intake.SendAsync(Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "s-2", AgentName = "desk" });
        Assert.Equal(SessionState.Paused, (await intake.SessionAsync("s-2")).State);

        await intake.Get<ControlScope>().HandleAsync(Intake.Person, null, ControlKind.Stop, "all", CancellationToken.None);
        await intake.SendAsync(Spans.Call(2, trace: "000000000000000000000000000000cc") with { SessionId = "s-3", AgentName = "clerk" });

        Assert.Equal(SessionState.Stopping, (await intake.SessionAsync("s-3")).State);
    }

    [Theory, Databases]
    public async Task A_note_opens_a_session_and_says_more_of_one(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var annotate = intake.Get<AnnotateSession>();

        await annotate.HandleAsync(Intake.Team(), "s-1", new SessionNote { Agent = "desk", User = "u-1", Title = "Refund" }, CancellationToken.None);
        await annotate.HandleAsync(Intake.Team(), "s-1", new SessionNote { Title = "Refund of e-9", MetadataJson = """{"order":9}""" }, CancellationToken.None);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });

        var session = await intake.SessionAsync("s-1");
        Assert.Equal(("desk", "u-1", "Refund of e-9", 9), (session.Agent, session.User, session.Title, session.Metadata!.Value.GetProperty("order").GetInt32()));
        Assert.Equal(["desk", "shop"], session.Agents);
        await Assert.ThrowsAsync<Refusal>(() => annotate.HandleAsync(Intake.Team("others"), "s-1", new SessionNote { Agent = "thief" }, CancellationToken.None));
        await Assert.ThrowsAsync<Refusal>(() => annotate.HandleAsync(Intake.Team("ops", "clerk"), "s-1", new SessionNote(), CancellationToken.None));
        await Assert.ThrowsAsync<Refusal>(() => annotate.HandleAsync(Intake.Team(), "s-2", new SessionNote(), CancellationToken.None));
    }

    [Theory, Databases]
    public async Task A_line_of_the_transcript_sent_again_counts_once(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });
        TranscriptLine[] lines = [new("m-1", "user", "Where is my order?", Spans.Noon), new("m-2", "assistant", "On its way.", Spans.Noon.AddSeconds(1))];

        await intake.Get<AddMessages>().HandleAsync(Intake.Team(), "s-1", lines, CancellationToken.None);
        var again = await intake.Get<AddMessages>().HandleAsync(Intake.Team(), "s-1", lines, CancellationToken.None);

        Assert.Equal((0, 2), (again.Accepted, again.Duplicates));
        Assert.Equal(["m-1", "m-2"], (await intake.Sessions.TranscriptAsync(Intake.Person, "s-1", null, 10, CancellationToken.None)).Select(l => l.Id));
    }

    [Theory, Databases]
    public async Task A_page_that_shows_the_session_hears_of_the_commit(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        using var listener = intake.Get<Hints>().Listen(new Hint(HintKind.Session, "s-1"));

        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });

        Assert.NotNull(await listener.NextAsync(TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None));
    }

    [Theory, Databases]
    public async Task An_agent_whose_clock_is_wrong_is_neither_lost_nor_older_than_it_is(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", StartedAt = DateTimeOffset.UnixEpoch, EndedAt = DateTimeOffset.UnixEpoch });
        await intake.SendAsync(Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "s-2", StartedAt = Spans.Noon.AddHours(2), EndedAt = Spans.Noon.AddHours(2) });

        var now = Spans.Noon.AddHours(1);
        Assert.Equal((now, now), ((await intake.SessionAsync("s-1")).StartedAt, (await intake.SessionAsync("s-1")).LastActivityAt));
        Assert.Equal((now, now), ((await intake.SessionAsync("s-2")).StartedAt, (await intake.SessionAsync("s-2")).LastActivityAt));
    }

    [Theory, Databases]
    public async Task Lists_narrow_sort_and_go_on_by_key(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        for (var i = 0; i < 7; i++)
        {
            await intake.SendAsync(Spans.Call(i, trace: $"{i + 1:x32}") with { SessionId = $"s-{i}", AgentName = i % 2 == 0 ? "desk" : "clerk", EndUser = $"User-{i}", ReportedCostUsd = i });
            intake.Time.Advance(TimeSpan.FromMinutes(1));
        }

        async Task<List<string>> Ids(SessionFilter filter, SessionOrder sort = default)
        {
            var ids = new List<string>();
            string? cursor = null;
            do
            {
                var page = await intake.Sessions.ListAsync(Intake.Person, filter, sort, cursor, 2, CancellationToken.None);
                ids.AddRange(page.Items.Select(s => s.SessionId));
                cursor = page.NextCursor;
            }
            while (cursor is not null);
            return ids;
        }

        Assert.Equal(["s-6", "s-5", "s-4", "s-3", "s-2", "s-1", "s-0"], await Ids(new SessionFilter()));
        Assert.Equal(["s-6", "s-5", "s-4", "s-3", "s-2", "s-1", "s-0"], await Ids(new SessionFilter(), SessionSort.CostUsd));
        Assert.Equal(["s-6", "s-5", "s-4", "s-3", "s-2", "s-1", "s-0"], await Ids(new SessionFilter(), SessionSort.StartedAt));
        Assert.Equal(7, (await Ids(new SessionFilter(), SessionSort.Steps)).Distinct().Count());
        foreach (var by in Enum.GetValues<SessionSort>())
        {
            // Read two at a time or all at once, up or down: the same order, whole.
            var down = await Ids(new SessionFilter(), by);
            Assert.Equal(7, down.Distinct().Count());
            Assert.Equal(down, await intake.Sessions.IdsAsync(Intake.Person, new SessionFilter(), by, 10, CancellationToken.None));
            Assert.Equal(Enumerable.Reverse(down), await Ids(new SessionFilter(), new SessionOrder(by, Ascending: true)));
        }

        Assert.Equal(["s-1", "s-3", "s-5", "s-0", "s-2", "s-4", "s-6"], await Ids(new SessionFilter(), new SessionOrder(SessionSort.Agent, Ascending: true)));
        Assert.Equal(["s-5", "s-3", "s-1"], await Ids(new SessionFilter { Agent = "clerk" }));
        Assert.Equal(["s-4"], await Ids(new SessionFilter { Text = "USER-4" }));
        Assert.Empty(await Ids(new SessionFilter { Text = "%" }));
        Assert.Equal(["s-6", "s-5"], await Ids(new SessionFilter { MinCostUsd = 4.5m }));
        Assert.Equal(["s-4", "s-3"], await Ids(new SessionFilter { Since = Spans.Noon.AddMinutes(63), Until = Spans.Noon.AddMinutes(65) }));
        Assert.Empty(await Ids(new SessionFilter { States = [SessionState.Completed, SessionState.Lost] }));
        await Assert.ThrowsAsync<Refusal>(() => intake.Sessions.ListAsync(Intake.Person, new SessionFilter(), SessionSort.CostUsd, "nonsense", 2, CancellationToken.None));
    }

    private static async Task PublishAsync(Intake intake, string scope, int seconds)
    {
        using var layer = JsonDocument.Parse((Policy.PolicyDocument.AgentDefault with { SilenceSeconds = seconds }).ToJson());
        await intake.Get<Policies.PublishPolicy>().HandleAsync(Intake.Person, scope, layer.RootElement, null, "test", CancellationToken.None);
    }
}
