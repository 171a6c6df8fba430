using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>How texts are compared: NFKC, case folding, white space.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("Straße", "STRASSE")]
    [InlineData("STRAẞE", "strasse")]
    [InlineData("blue  DOOR ", "Blue Door")]
    [InlineData("\tBlue\u00a0\n Door", "blue door")]
    [InlineData("ﬁne  Dining", "FINE DINING")]
    [InlineData("Café", "CAFE\u0301")]
    [InlineData("ＡＣＭＥ　１２", "acme 12")]
    [InlineData("ΟΔΟΣ", "οδος")]
    [InlineData("ᾳ", "ΑΙ")]
    [InlineData("İstanbul", "i̇stanbul")]
    [InlineData("Kelvin", "kelvin")]
    [InlineData("ſmall", "SMALL")]
    [InlineData("Casi\u200bno\u202e Royale", "casino royale")]
    [InlineData("de\u00adlta", "Delta")]
    [InlineData("a\u0000b", "AB")]
    public void Of_TextsThatLookAlike_AreEqual(string one, string other) => Assert.Equal(ComparableText.Of(one), ComparableText.Of(other));

    [Theory]
    [InlineData("Delta", "Delta 2")]
    [InlineData("Blue Door", "BlueDoor")]
    [InlineData("Сoinhub", "Coinhub")]
    [InlineData("resume", "résumé")]
    public void Of_OtherTexts_Differ(string one, string other) => Assert.NotEqual(ComparableText.Of(one), ComparableText.Of(other));

    [Fact]
    public void Of_AnyText_IsSettledAtOnceAndNeverFails() =>
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char['\0', '\u024f'], Gen.OneOfConst('ß', 'ς', '\u0345', '\u0301', ' ', '\u00a0', '\ud83d', '\ude00', '\u1fb3', 'ﬃ', 'Ⅷ')), 0, 12].Sample(text =>
        {
            var once = ComparableText.Of(text);
            return ComparableText.Of(once) == once;
        }, iter: 20_000);

    [Fact]
    public void Of_LoneSurrogates_AreReplacedAndNotRefused() => Assert.Equal("a\ufffdb", ComparableText.Of("A\ud800B"));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData("?", "", false)]
    [InlineData("a*b*c", "aXXbYYbZc", true)]
    [InlineData("a*b*c", "aXXbYYbZ", false)]
    [InlineData("*end", "the end", true)]
    [InlineData("expense.*", "expense.", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a.c", "abc", false)]
    public void Glob_Matches_TheWholeText(string pattern, string text, bool matches) => Assert.Equal(matches, Glob.Matches(pattern, text));

    [Fact]
    public void Glob_OfManyStars_TakesNoLongerThanPatternTimesText() =>
        Assert.False(Glob.Matches(string.Concat(Enumerable.Repeat("a*", 200)) + "b", new string('a', 20_000)));

    [Theory]
    [InlineData(BreakerMetric.CostUsd, "cost_usd")]
    [InlineData(BreakerMetric.LlmCalls, "llm_calls")]
    public void Word_OfAValue_IsSnakeCaseAndReadsBack(BreakerMetric metric, string word)
    {
        Assert.Equal(word, metric.Word());
        Assert.True(Words.TryParse<BreakerMetric>(word, out var read));
        Assert.Equal(metric, read);
        Assert.False(Words.TryParse<BreakerMetric>(word.ToUpperInvariant(), out _));
        Assert.False(Words.TryParse<BreakerMetric>("3", out _));
    }
}
