using Handrail.Access;
using Handrail.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

public sealed class SettledLinesTests : PageContext
{
    private SettledLines _lines = null!;

    [Fact]
    public async Task Follow_OtherOrder_KeepsThePlacesAndTakesTheFigures()
    {
        await SaveAsync(null, Steps("a", 5), Steps("b", 2));
        await OpenAsync(SessionSort.Steps);

        await SaveAsync(null, Steps("b", 9));
        await _lines.FollowAsync(Caller.System, mayMove: false, default);

        Assert.Equal([("a", 5), ("b", 9)], (await AllAsync()).Select(l => (l.Id, l.Line!.Steps)));
        Assert.Equal(0, _lines.Waiting);
    }

    [Fact]
    public async Task Follow_NobodyAtTheList_TakesTheOrderOfWhatMovesAllTheTimeOnlyNowAndThen()
    {
        await SaveAsync(null, Steps("a", 5), Steps("b", 2));
        await OpenAsync(SessionSort.Steps);
        await SaveAsync(null, Steps("b", 9));

        await _lines.FollowAsync(Caller.System, mayMove: true, default);
        Assert.Equal(["a", "b"], _lines.Ids);

        Time.Advance(TimeSpan.FromSeconds(6));
        await _lines.FollowAsync(Caller.System, mayMove: true, default);
        Assert.Equal(["b", "a"], _lines.Ids);
    }

    [Fact]
    public async Task Follow_NewSessions_AreCountedAndNotShownUntilItIsSettled()
    {
        await SaveAsync(null, Begun("a", 1));
        await OpenAsync(SessionSort.StartedAt);

        await SaveAsync(null, Begun("b", 2), Begun("c", 3));
        await _lines.FollowAsync(Caller.System, mayMove: false, default);

        Assert.Equal((1, 2), (_lines.Count, _lines.Waiting));
        await _lines.SettleAsync(Caller.System, default);
        Assert.Equal(["c", "b", "a"], _lines.Ids);
        Assert.Equal(0, _lines.Waiting);
    }

    [Fact]
    public async Task Follow_SessionNoLongerInTheView_IsMarkedAndKeptAsItNowIs()
    {
        await SaveAsync(null, Begun("a", 1), Begun("b", 2));
        await OpenAsync(SessionSort.StartedAt, new SessionFilter { States = [SessionState.Running] });

        var ended = Begun("b", 2);
        ended.State = SessionState.Completed;
        await SaveAsync(null, ended);
        await _lines.FollowAsync(Caller.System, mayMove: false, default);

        Assert.Equal([("b", SessionState.Completed, true), ("a", SessionState.Running, false)], (await AllAsync()).Select(l => (l.Id, l.Line!.State, l.Left)));
    }

    [Fact]
    public async Task Follow_SessionThatIsGone_LeavesItsPlaceAndNothingStale()
    {
        await SaveAsync(null, Begun("a", 1), Begun("b", 2));
        await OpenAsync(SessionSort.StartedAt);

        var moved = Begun("b", 2);
        moved.MovedTo = "a";
        await SaveAsync(null, moved);
        await _lines.FollowAsync(Caller.System, mayMove: false, default);

        Assert.Equal([("b", false), ("a", true)], (await AllAsync()).Select(l => (l.Id, l.Line is not null)));
    }

    [Fact]
    public async Task A_long_view_is_reached_to_its_last_line_and_its_order_is_not_read_again_at_every_look()
    {
        await SaveAsync(null, [.. Enumerable.Range(0, 1_200).Select(i => Begun($"s{i:0000}", i))]);
        var shown = 0;
        _lines = new SettledLines(Services.GetRequiredService<SessionQueries>(), Time);
        await _lines.OpenAsync(Caller.System, new SessionFilter(), SessionSort.StartedAt, () => Task.FromResult(shown = _lines.Count), default);

        Assert.Equal((100, 1_200), (shown, _lines.Count));
        Assert.Equal("s0000", (await _lines.AtAsync(Caller.System, 1_190, 50, default))[^1].Line!.Id);

        var (old, first) = (Begun("older", -5), Begun("newest", 5_000));
        await SaveAsync(null, old, first);
        await _lines.FollowAsync(Caller.System, mayMove: true, default);
        Assert.Equal(("newest", 1_201), (_lines.Ids.First(), _lines.Count));

        Time.Advance(TimeSpan.FromSeconds(6));
        await _lines.FollowAsync(Caller.System, mayMove: true, default);
        Assert.Equal(("newest", "older", 1_202), (_lines.Ids.First(), _lines.Ids.Last(), _lines.Count));
    }

    [Theory]
    [InlineData("", "a")]
    [InlineData("ä", "日本")]
    public void Ids_are_given_back_as_they_were(string one, string other)
    {
        var long600 = new string('x', 600);
        var ids = SessionIds.Of([one, other, long600]);

        Assert.Equal([one, other, long600], ids);
        Assert.True(ids.ProbablyHolds(one) && ids.ProbablyHolds(long600) && !ids.ProbablyHolds("b"));
        Assert.Equal(1, SessionIds.Of([other, "b"]).Beside(ids));
    }

    private async Task OpenAsync(SessionOrder order, SessionFilter? filter = null)
    {
        _lines = new SettledLines(Services.GetRequiredService<SessionQueries>(), Time);
        await _lines.OpenAsync(Caller.System, filter ?? new SessionFilter(), order, () => Task.CompletedTask, default);
    }

    private async Task<IReadOnlyList<SettledLine>> AllAsync() => await _lines.AtAsync(Caller.System, 0, 50, default);

    private Session Steps(string id, int steps)
    {
        var session = Session(id);
        session.Steps = steps;
        return session;
    }

    private Session Begun(string id, int after)
    {
        var session = Session(id);
        session.StartedAt = new DateTimeOffset(2026, 5, 1, 9, 0, 0, TimeSpan.Zero).AddSeconds(after);
        return session;
    }
}
