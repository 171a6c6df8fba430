using Handrail.Sessions;
using Xunit;

namespace Handrail.Pages;

public sealed class SettledLinesTests
{
    private readonly SettledLines _lines = new();

    [Fact]
    public void Hold_OtherOrder_KeepsThePlacesAndTakesTheFigures()
    {
        _lines.Settle(Read(Line("a", 1), Line("b", 2)));

        _lines.Hold(Read(Line("b", 9), Line("a", 5)), []);

        Assert.Equal([("a", 5), ("b", 9)], _lines.Lines.Select(l => (l.Id, l.Steps)));
        Assert.Equal(0, _lines.Waiting);
    }

    [Fact]
    public void Hold_NewSessions_AreCountedAndNotShown()
    {
        _lines.Settle(Read(Line("a", 1)));

        _lines.Hold(Read(Line("c", 1), Line("b", 1), Line("a", 2)), []);

        Assert.Equal(["a"], _lines.Lines.Select(l => l.Id));
        Assert.Equal(2, _lines.Waiting);
    }

    [Fact]
    public void Left_SessionNoLongerInTheView_IsNamedAndKeptAsItNowIs()
    {
        _lines.Settle(Read(Line("a", 1), Line("b", 1)));
        var read = Read(Line("b", 2));

        Assert.Equal(["a"], _lines.Left(read));
        _lines.Hold(read, [Line("a", 7)]);

        Assert.Equal([("a", 7), ("b", 2)], _lines.Lines.Select(l => (l.Id, l.Steps)));
    }

    [Fact]
    public void Hold_SessionThatIsGone_LeavesNothingStaleBehind()
    {
        _lines.Settle(Read(Line("a", 1), Line("b", 1)));

        _lines.Hold(Read(Line("b", 2)), []);

        Assert.Equal(["b"], _lines.Lines.Select(l => l.Id));
    }

    private static SessionLines Read(params SessionLine[] lines) => new(lines, More: false);

    private static SessionLine Line(string id, int steps) => new() { Id = id, Agent = "desk", State = SessionState.Running, Steps = steps };
}
