using Handrail.Shell.Display;
using Xunit;

namespace Handrail.Pages;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("plain text,\nwith\ttabs and accents: é ü ñ e\u0301")]
    [InlineData("العربية and 日本語 and emoji 👍🏽 ⚠\uFE0F")]
    public void Of_OrdinaryText_IsLeftAlone(string text) =>
        Assert.Equal([new TextRun(text, Mark: false)], VisibleText.Of(text));

    [Theory]
    [InlineData("\u202E", "U+202E")]
    [InlineData("\u2066", "U+2066")]
    [InlineData("\u200B", "U+200B")]
    [InlineData("\uFEFF", "U+FEFF")]
    [InlineData("\u001B", "U+001B")]
    [InlineData("\0", "U+0000")]
    [InlineData("\u0085", "U+0085")]
    [InlineData("\u2028", "U+2028")]
    [InlineData("\u00AD", "U+00AD")]
    [InlineData("\u3164", "U+3164")]
    [InlineData("\u2800", "U+2800")]
    [InlineData("\uE000", "U+E000")]
    [InlineData("a\uFE0F", "U+FE0F")]
    [InlineData("\U000E0041", "U+E0041")]
    [InlineData("\U000E0100", "U+E0100")]
    public void Of_CharacterThatIsNotSeen_BecomesAMark(string text, string mark)
    {
        var run = VisibleText.Of(text)[^1];
        Assert.True(run.Mark);
        Assert.Equal(mark, run.Text);
        Assert.NotNull(run.Meaning);
    }

    [Fact]
    public void Of_HalfACharacter_BecomesAMark() => Assert.Equal(new TextRun("U+D83D", Mark: true) { Meaning = "is half a character" }, VisibleText.Of("\uD83D")[0]);

    [Fact]
    public void Of_TheSameUnseenCharacterManyTimes_IsOneMark() =>
        Assert.Equal(["a", "U+200B ×500", "b"], VisibleText.Of("a" + new string('\u200B', 500) + "b").Select(r => r.Text));

    [Fact]
    public void Of_WindowsLineEnds_AreLineEnds() => Assert.Equal("a\nb", Assert.Single(VisibleText.Of("a\r\nb")).Text);

    [Fact]
    public void Of_CarriageReturnAlone_IsShown() => Assert.Contains(VisibleText.Of("paid\rdenied"), r => r is { Mark: true, Text: "U+000D" });

    [Fact]
    public void Of_PilesOfAccents_AreCut()
    {
        var runs = VisibleText.Of("e" + new string('\u0301', 40) + "x");
        Assert.Equal("e\u0301\u0301\u0301", runs[0].Text);
        Assert.True(runs[1].Mark);
        Assert.Equal("x", runs[^1].Text);
    }
}
