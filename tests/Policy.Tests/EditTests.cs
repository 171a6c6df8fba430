using Handrail.Policy;

namespace Handrail;

/// <summary>What the sliders of the Autonomy page do to a document.</summary>
public sealed class EditTests
{
    private static readonly PolicyDocument Document = Policies.Document("""
        {"autonomy":"suggest","actions":[{"type":"expense.approve","autonomy":"suggest"}],
         "limits":[{"type":"expense.approve","category":"Meals","max_amount":25,"currency":"USD","min_confidence":0.8,"max_total":200,"per":"day"}],
         "rules":[{"id":"r","when":{"all":[]},"then":"deny"}]}
        """);

    [Theory]
    [InlineData(null, "all other actions: suggest -> bounded")]
    [InlineData("Expense.Approve", "expense.approve: suggest -> bounded")]
    [InlineData("refund", "refund added: bounded")]
    public void WithLevel_OfATypeOrAllOthers_ChangesThatAlone(string? type, string line) =>
        Assert.Equal([line], PolicyDiff.Lines(Document, Document.WithLevel(type, Autonomy.Bounded)));

    [Fact]
    public void WithoutLevel_OfAType_LeavesItToTheOthers() =>
        Assert.Equal(["expense.approve removed: suggest"], PolicyDiff.Lines(Document, Document.WithoutLevel("EXPENSE.approve")));

    [Fact]
    public void WithMaxAmount_OfALimitThatIsThere_KeepsItsOtherBounds()
    {
        var edited = Document.WithMaxAmount("expense.approve", "meals", null, 40, "USD");
        Assert.Equal(Document.Limits[0] with { MaxAmount = 40 }, Assert.Single(edited.Limits));
    }

    [Fact]
    public void WithMaxAmount_OfANewLimit_AddsIt() =>
        Assert.Equal(
            ["limit expense.approve/*/delta added: up to 500.00 USD"],
            PolicyDiff.Lines(Document, Document.WithMaxAmount("expense.approve", null, "Delta", 500, "USD")));

    [Fact]
    public void WithoutLimit_TakesItAwayWhole() => Assert.Empty(Document.WithoutLimit("expense.approve", "MEALS", null).Limits);

    [Fact]
    public void Edits_LeaveTheOldDocumentAsItWas_AndRuleTheNextDecision()
    {
        var edited = Document with { Rules = [] };
        edited = edited.WithLevel("expense.approve", Autonomy.Bounded).WithMaxAmount("expense.approve", null, null, 50, "USD");
        var action = Policies.Action("""{"amount":50,"currency":"USD"}""");
        Assert.Equal(Verdict.Allow, AnyPolicy.Decide(edited, action).Verdict);
        Assert.Equal(Verdict.Deny, AnyPolicy.Decide(Document, action).Verdict);
        Assert.Equal(edited, Policies.Document(edited.ToJson()));
    }
}
