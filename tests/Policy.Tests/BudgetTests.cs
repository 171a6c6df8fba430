using Handrail.Policy;

namespace Handrail;

public sealed class BudgetTests
{
    private const string Action = """{"amount":30,"currency":"USD"}""";

    [Theory]
    [InlineData("session", "session:s-1")]
    [InlineData("day", "day:2026-01-01")]
    [InlineData("week", "week:2026-W01")]
    [InlineData("month", "month:2026-01")]
    public void BudgetsFor_APeriod_RunsInThePolicysTimeZone(string per, string period)
    {
        // Half an hour into the new year in Berlin, and still the old one in UTC.
        var budgets = Gate.BudgetsFor([Policies.Fleet(Policy(per))], Policies.Action(Action), "s-1", Policies.At("2025-12-31T23:30:00Z"));
        Assert.Equal([new BudgetKey("fleet", "expense.approve", period)], budgets);
    }

    [Theory]
    [InlineData(70.0, Verdict.Allow, "30.00 USD fits into the 100.00 USD per day that may go without a person")]
    [InlineData(70.01, Verdict.Review, "30.00 USD on top of 70.01 USD already gone is over the 100.00 USD per day that may go without a person")]
    [InlineData(null, Verdict.Review, "What is left of the 100.00 USD per day that may go without a person is not known")]
    public void Decide_UnderABudget_GoesWhileItFits(double? used, Verdict verdict, string why)
    {
        var layers = new[] { Policies.Fleet(Policy("day")) };
        var action = Policies.Action(Action);
        var budget = Gate.BudgetsFor(layers, action, "s-1", Policies.Noonish)[0];
        var facts = Policies.Fresh with { BudgetUsed = used is { } sum ? new Dictionary<BudgetKey, decimal> { [budget] = (decimal)sum } : [] };

        var decision = Gate.Decide(layers, action, facts, Policies.Noonish);

        Assert.Equal((verdict, why), (decision.Verdict, decision.Reasons[0].Text));
        Assert.Equal(verdict == Verdict.Allow ? [new BudgetReservation(budget, 30, "USD", 100)] : [], decision.Reservations);
    }

    [Fact]
    public void Decide_NoAmountUnderABudget_GoesToAPerson() =>
        Assert.Equal(Verdict.Review, Policies.Decide(Policy("day"), """{"currency":"USD"}""").Verdict);

    [Fact]
    public void Decide_NegativeAmount_NeverFillsABudgetUpAgain() =>
        Assert.Equal(Verdict.Review, AnyPolicy.Decide(Policies.Document(Policy("day")), Policies.Action("""{"amount":-30,"currency":"USD"}""")).Verdict);

    [Fact]
    public void Decide_EveryLayerWithABudget_ReservesInEach()
    {
        var layers = Policies.Layers(Policies.Document(Policy("day")), Policies.Document(Policy("month")));
        var decision = AnyPolicy.Decide(layers, Policies.Action(Action));
        Assert.Equal([("fleet", "day:2026-01-14"), ("agent", "month:2026-01")], decision.Reservations.Select(reservation => (reservation.Budget.Scope, reservation.Budget.Period)));
    }

    private static string Policy(string per) =>
        $$"""{"autonomy":"bounded","time_zone":"Europe/Berlin","limits":[{"type":"expense.approve","max_total":100,"currency":"USD","per":"{{per}}"}]}""";
}
