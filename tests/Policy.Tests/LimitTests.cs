using Handrail.Policy;

namespace Handrail;

public sealed class LimitTests
{
    private const string Ladder = """
        {"autonomy":"bounded","limits":[
          {"max_amount":1,"currency":"USD"},
          {"type":"expense.*","max_amount":2,"currency":"USD"},
          {"type":"expense.approve.*","max_amount":3,"currency":"USD"},
          {"type":"expense.approve","max_amount":4,"currency":"USD"},
          {"category":"meals","max_amount":5,"currency":"USD"},
          {"type":"expense.approve","category":"Meals","max_amount":6,"currency":"USD"},
          {"vendor":"Straße 9","max_amount":7,"currency":"USD"},
          {"type":"expense.approve","vendor":"STRASSE 9","max_amount":8,"currency":"USD"},
          {"category":"meals","vendor":"straße 9","max_amount":9,"currency":"USD"}]}
        """;

    [Theory]
    [InlineData("""{"type":"refund"}""", 1)]
    [InlineData("""{"type":"expense.export"}""", 2)]
    [InlineData("""{"type":"expense.approve.small"}""", 3)]
    [InlineData("""{"type":"expense.approve"}""", 4)]
    [InlineData("""{"type":"refund","category":"meals"}""", 5)]
    [InlineData("""{"type":"expense.export","category":"MEALS"}""", 5)]
    [InlineData("""{"type":"expense.approve","category":"meals"}""", 6)]
    [InlineData("""{"type":"refund","vendor":"Strasse  9 "}""", 7)]
    [InlineData("""{"type":"expense.approve","vendor":"Straße 9"}""", 8)]
    [InlineData("""{"type":"expense.approve","vendor":"Straße 9","category":"travel"}""", 8)]
    [InlineData("""{"type":"expense.approve","vendor":"Straße 9","category":"meals"}""", 9)]
    public void Decide_SeveralLimitsCover_TheMostSpecificAloneCounts(string action, int most)
    {
        Assert.Equal(Verdict.Allow, Decide(most));
        Assert.Equal(Verdict.Review, Decide(most + 0.01m));

        Verdict Decide(decimal amount) =>
            Gate.Decide([Policies.Fleet(Ladder)], Policies.Action(action) with { Amount = amount, Currency = "usd" }, Policies.Fresh, Policies.Noonish).Verdict;
    }

    [Theory]
    [InlineData("""{"currency":"USD","confidence":0.9}""", "The action names no amount, and up to 50.00 USD may go without a person")]
    [InlineData("""{"amount":48.2,"confidence":0.9}""", "The action names no currency, and the limit is in USD")]
    [InlineData("""{"amount":48.2,"currency":"EUR","confidence":0.9}""", "The action is in EUR, and the limit is in USD")]
    [InlineData("""{"amount":1048.2,"currency":"USD","confidence":0.9}""", "1,048.20 USD is over the 50.00 USD that may go without a person")]
    [InlineData("""{"amount":-1,"currency":"USD","confidence":0.9}""", "-1.00 USD is below zero, which no limit covers")]
    [InlineData("""{"amount":48.2,"currency":"USD"}""", "The agent states no confidence, and 0.8 is needed to go without a person")]
    [InlineData("""{"amount":48.2,"currency":"USD","confidence":0.79}""", "A confidence of 0.79 is under the 0.8 needed to go without a person")]
    public void Decide_OutsideTheLimit_GoesToAPersonAndSaysWhy(string action, string why)
    {
        var decision = Policies.Decide("""{"autonomy":"autonomous","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD","min_confidence":0.8}]}""", action);
        Assert.Equal(new Reason("limit:expense.approve", Verdict.Review, why, "fleet"), decision.Reasons[0]);
    }

    [Fact]
    public void Decide_InsideTheLimit_SaysWhatLetItGo()
    {
        var decision = Policies.Decide(
            """{"autonomy":"bounded","limits":[{"type":"expense.approve","category":"meals","max_amount":50,"currency":"USD"}]}""",
            """{"amount":48.2,"currency":"USD","category":"Meals"}""");
        Assert.Equal([new Reason("limit:expense.approve/meals", Verdict.Allow, "48.20 USD is within the 50.00 USD that may go without a person", "fleet")], decision.Reasons);
    }

    [Fact]
    public void Decide_LimitOnConfidenceAlone_NeedsNoAmount()
    {
        const string Policy = """{"autonomy":"bounded","limits":[{"type":"refund","min_confidence":0.6}]}""";
        Assert.Equal(Verdict.Allow, Policies.Decide(Policy, """{"type":"refund","confidence":0.6}""").Verdict);
        Assert.Equal(Verdict.Review, Policies.Decide(Policy, """{"type":"refund","amount":1,"currency":"USD"}""").Verdict);
    }

    [Theory]
    [InlineData("UTC", "2026-01-31T23:59:59Z", Verdict.Allow)]
    [InlineData("UTC", "2026-02-01T00:00:00Z", Verdict.Review)]
    [InlineData("America/New_York", "2026-02-01T04:59:59Z", Verdict.Allow)]
    [InlineData("America/New_York", "2026-02-01T05:00:00Z", Verdict.Review)]
    public void Decide_ALimitWithALastDay_LetsGoUntilItsEndOnThePolicysClock(string zone, string now, Verdict verdict)
    {
        // What it covered falls to no wider limit: an end only tightens.
        var policy = $$"""
            {"autonomy":"autonomous","time_zone":"{{zone}}","limits":[{"max_amount":500,"currency":"USD"},{"vendor":"Delta","max_amount":50,"currency":"USD","until":"2026-01-31"}]}
            """;
        var decision = Policies.Decide(policy, """{"amount":10,"currency":"USD","vendor":"delta"}""", now: DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(verdict, decision.Verdict);
        if (verdict == Verdict.Review) Assert.Equal("What may go without a person was settled until 2026-01-31, and has to be settled anew", decision.Reasons[0].Text);
    }

    [Theory]
    [InlineData("""{"type":"expense.approve"}""", "expense.approve")]
    [InlineData("""{"type":"Expense.*","category":"Meals"}""", "expense.*/meals")]
    [InlineData("""{"vendor":"Straße  9"}""", "*/*/strasse 9")]
    [InlineData("""{"category":"a/b"}""", "*/a%2Fb")]
    [InlineData("""{"category":"*"}""", "*/%2A")]
    [InlineData("{}", "*")]
    public void Key_OfALimit_NamesWhatItCovers(string limit, string key) =>
        Assert.Equal(key, Policies.Document($$"""{"limits":[{{limit}}]}""").Limits[0].Key);
}
