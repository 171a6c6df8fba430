using Xunit;

namespace Handrail.Policy;

public sealed class PolicyInForceTests
{
    private static readonly PolicyDocument Document = PolicyDocument.Parse("""
        {"autonomy":"suggest",
         "actions":[{"type":"expense.*","autonomy":"bounded"},{"type":"expense.export","autonomy":"off"},{"type":"expense.export.*","autonomy":"shadow"}],
         "limits":[{"max_amount":1,"currency":"USD"},{"type":"expense.*","max_amount":2,"currency":"USD"},{"type":"expense.approve","max_amount":3,"currency":"USD"},
                   {"type":"expense.approve","category":"meals","max_amount":4,"currency":"USD"},{"type":"expense.approve","vendor":"Delta","max_amount":5,"currency":"USD"}]}
        """).Document!;

    [Theory]
    [InlineData("expense.approve", Autonomy.Bounded, "expense.*")]
    [InlineData("Expense.Export", Autonomy.Off, "expense.export")]
    [InlineData("expense.export.csv", Autonomy.Shadow, "expense.export.*")]
    [InlineData("email.send", Autonomy.Suggest, null)]
    public void LevelFor_SeveralEntries_TheLongestThatMatches(string type, Autonomy level, string? from)
    {
        Assert.Equal(level, Document.LevelFor(type));
        Assert.Equal(from, Document.LevelEntryFor(type)?.Type);
    }

    [Fact]
    public void LevelFor_NoType_TheGeneralLevel()
    {
        Assert.Equal(Autonomy.Suggest, Document.LevelFor(null));
        Assert.Equal(PolicyDocument.DefaultAutonomy, new PolicyDocument().LevelFor(null));
    }

    [Theory]
    [InlineData("expense.approve", 3)]
    [InlineData("expense.report", 2)]
    [InlineData("email.send", 1)]
    public void LimitFor_SeveralLimits_TheMostSpecificOfThoseByTypeAlone(string type, int amount) => Assert.Equal(amount, Document.LimitFor(type)?.MaxAmount);

    [Theory]
    [InlineData("expense.approve")]
    [InlineData("expense.export")]
    [InlineData("expense.export.csv")]
    [InlineData("email.send")]
    public void LevelFor_AnyType_IsWhatTheGateGoesBy(string type)
    {
        var decision = Gate.Decide([new PolicyLayer(PolicyLayer.Agent, 1, Document)], new ActionRequest("a", "desk", type) { Amount = 1, Currency = "USD" }, new SessionFacts("s"), default);

        var verdict = Document.LevelFor(type) switch { Autonomy.Off => Verdict.Deny, Autonomy.Shadow => Verdict.Shadow, Autonomy.Suggest => Verdict.Review, _ => Verdict.Allow };
        Assert.Equal(verdict, decision.Verdict);
    }
}
