using Handrail.Access;
using Handrail.Ingest;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Sessions;

/// <summary>The fleet as everybody who looks at it shares it.</summary>
public sealed class FleetBoardTests
{
    [Theory, Databases]
    public async Task It_is_read_once_for_all_who_look_until_something_changes_or_a_while_has_passed(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1) with { SessionId = "s-1" });
        using var board = Board(intake);
        Task<FleetReading> LookAsync() => board.ReadAsync(Intake.Person, intake.Time.GetUtcNow().Date, default);

        var first = await LookAsync();
        Assert.Same(first, await LookAsync());
        Assert.Equal((1, 1), (first.In(SessionState.Running), first.AreAt(SessionActivity.Working)));

        await intake.SendAsync(Spans.Call(2, trace: Spans.OtherTrace) with { SessionId = "s-2" });
        var second = await LookAsync();
        Assert.Equal(2, second.In(SessionState.Running));
        Assert.Same(second, await LookAsync());

        intake.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal((2, 0), ((await LookAsync()).In(SessionState.Running), (await LookAsync()).AreAt(SessionActivity.Working)));
    }

    [Theory, Databases]
    public async Task Whoever_asks_after_a_deed_sees_it_however_many_ask_at_once(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1) with { SessionId = "s-1", AgentName = "desk" });
        using var board = Board(intake);
        var day = new DateTimeOffset(intake.Time.GetUtcNow().Date, TimeSpan.Zero);
        for (var round = 0; round < 10; round++)
        {
            var others = Enumerable.Range(0, 8).Select(_ => Task.Run(() => board.ReadAsync(Intake.Person, day, default))).ToList();
            await intake.Get<ControlScope>().HandleAsync(Intake.Person, "desk", round % 2 == 0 ? ControlKind.Pause : ControlKind.Resume, "look", default);
            Assert.Equal(round % 2 == 0, (await board.ReadAsync(Intake.Person, day, default)).Agents[0].Held is not null);
            await Task.WhenAll(others);
        }
    }

    [Theory, Databases]
    public async Task Whoever_may_not_look_is_refused_what_others_have_read(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        using var board = Board(intake);
        await board.ReadAsync(Intake.Person, intake.Time.GetUtcNow(), default);

        foreach (var caller in new[] { Intake.Team(), Intake.Person with { Roles = new HashSet<string>() } })
        {
            Assert.Equal(RefusalKind.NotAllowed, (await Assert.ThrowsAsync<Refusal>(() => board.ReadAsync(caller, intake.Time.GetUtcNow(), default))).Kind);
        }
    }

    private static FleetBoard Board(Intake intake) =>
        new(new FleetQueries(intake.Store, intake.Get<PolicySnapshots>(), intake.Time), intake.Get<HiddenAgents>(), intake.Get<Hints>(), intake.Time);
}
