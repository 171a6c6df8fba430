using Handrail.Policy;

namespace Handrail;

public sealed class AutonomyTests
{
    [Theory]
    [InlineData("off", "deny")]
    [InlineData("shadow", "shadow")]
    [InlineData("suggest", "review")]
    [InlineData("bounded", "review")]
    [InlineData("autonomous", "allow")]
    public void Decide_NothingElseSpeaks_FollowsTheLevel(string level, string verdict) =>
        Assert.Equal(verdict, Policies.Decide($$"""{"autonomy":"{{level}}"}""", "{}").Verdict.Word());

    [Theory]
    [InlineData("bounded", 50, "allow")]
    [InlineData("bounded", 50.01, "review")]
    [InlineData("autonomous", 50, "allow")]
    [InlineData("autonomous", 50.01, "review")]
    [InlineData("suggest", 1, "review")]
    [InlineData("shadow", 50.01, "shadow")]
    [InlineData("off", 1, "deny")]
    public void Decide_LimitCovers_LetsGoOnlyInsideAndOnlyFromBoundedOn(string level, double amount, string verdict) =>
        Assert.Equal(verdict, Policies.Decide(
            $$"""{"autonomy":"{{level}}","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"}]}""",
            FormattableString.Invariant($$"""{"amount":{{amount}},"currency":"USD"}""")).Verdict.Word());

    [Theory]
    [InlineData("expense.approve", "autonomy:expense.approve", "allow")]
    [InlineData("expense.approve.small", "autonomy:expense.approve.*", "shadow")]
    [InlineData("expense.export", "autonomy:expense.*", "deny")]
    [InlineData("EXPENSE.Export", "autonomy:expense.*", "deny")]
    [InlineData("expense", "autonomy:*", "review")]
    [InlineData("expensed.approve", "autonomy:*", "review")]
    public void Decide_SeveralLevelsMatch_TheLongestWins(string type, string rule, string verdict)
    {
        var decision = Policies.Decide(
            """{"autonomy":"suggest","actions":[{"type":"expense.*","autonomy":"off"},{"type":"expense.approve.*","autonomy":"shadow"},{"type":"expense.approve","autonomy":"autonomous"}]}""",
            $$"""{"type":"{{type}}"}""");
        Assert.Equal((rule, verdict), (decision.Reasons[0].Rule, decision.Verdict.Word()));
    }

    [Fact]
    public void Decide_DocumentNamesNoLevel_EverythingGoesToAPerson() => Assert.Equal(Verdict.Review, Policies.Decide("{}", "{}").Verdict);

    [Fact]
    public void Decide_NoLayerAtAll_EverythingGoesToAPerson() =>
        Assert.Equal(Verdict.Review, Gate.Decide([], Policies.Action("{}"), Policies.Fresh, Policies.Noonish).Verdict);

    [Fact]
    public void Decide_AtShadow_SaysWhatFullAutonomyWouldHaveSaid()
    {
        const string Policy = """{"autonomy":"shadow","limits":[{"max_amount":50,"currency":"USD"}]}""";
        Assert.Equal(Verdict.Allow, Policies.Decide(Policy, """{"amount":50,"currency":"USD"}""").WouldBe);
        Assert.Equal(Verdict.Review, Policies.Decide(Policy, """{"amount":51,"currency":"USD"}""").WouldBe);
    }

    [Fact]
    public void FleetDefault_SendsEverythingToPeople() =>
        Assert.Equal(Verdict.Review, Gate.Decide(Policies.Layers(PolicyDocument.FleetDefault), Policies.Action("{}"), Policies.Fresh, Policies.Noonish).Verdict);
}
