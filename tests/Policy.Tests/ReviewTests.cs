using Handrail.Policy;

namespace Handrail;

/// <summary>The terms under which people decide, and the sample they look at afterwards.</summary>
public sealed class ReviewTests
{
    [Fact]
    public void Terms_NoLayerSaysAnything_OnePersonHasFourHoursAndSilenceRejects() =>
        Assert.Equal(new ReviewTerms(1, false, TimeSpan.FromHours(4), TimeoutOutcome.Reject, null), Terms("{}", "{}"));

    [Fact]
    public void Terms_OfTwoLayers_AreTheMostRestrictiveOfEach() =>
        Assert.Equal(
            new ReviewTerms(3, true, TimeSpan.FromSeconds(60), TimeoutOutcome.Reject, null),
            Terms(
                """{"approvals":3,"timeout_seconds":600,"on_timeout":"escalate","escalate_to":"Owner","forbid_self_approval":false}""",
                """{"approvals":2,"timeout_seconds":60,"on_timeout":"reject","forbid_self_approval":true}"""));

    [Theory]
    [InlineData("""{"on_timeout":"hold","timeout_seconds":60}""", null, null)]
    [InlineData("""{"on_timeout":"escalate","timeout_seconds":60,"escalate_to":"Owner"}""", 60, "Owner")]
    public void Terms_OnTimeout_HoldWaitsForEverAndEscalateSaysToWhom(string review, int? seconds, string? to)
    {
        var terms = Terms(review, "{}");
        Assert.Equal((seconds is { } given ? TimeSpan.FromSeconds(given) : (TimeSpan?)null, to), (terms.Timeout, terms.EscalateTo));
    }

    [Theory]
    [InlineData("""{"amount":1000,"currency":"USD","risk":"read"}""", 1)]
    [InlineData("""{"amount":1000.01,"currency":"usd","risk":"read"}""", 2)]
    [InlineData("""{"amount":1,"currency":"EUR","risk":"read"}""", 2)]
    [InlineData("""{"amount":1,"risk":"read"}""", 2)]
    [InlineData("""{"risk":"read"}""", 1)]
    [InlineData("""{"risk":"external"}""", 2)]
    [InlineData("{}", 2)]
    public void Approvals_LargeOrRiskyActions_NeedTwoPeople(string action, int people) =>
        Assert.Equal(people, Policies.Decide("""{"review":{"two_person_over":{"amount":1000,"currency":"USD"},"two_person_risk":"external"}}""", action).Review.Approvals);

    [Fact]
    public void Sample_OfManyActions_HoldsItsRateAndARetryAgrees()
    {
        var layer = Policies.Fleet("""{"autonomy":"autonomous","review":{"sample_rate":0.2}}""");
        var sampled = Enumerable.Range(0, 5_000).Count(Sampled);
        Assert.InRange(sampled, 850, 1_150);
        Assert.All(Enumerable.Range(0, 50), number => Assert.Equal(Sampled(number), Sampled(number)));

        bool Sampled(int number) => Gate.Decide([layer], new ActionRequest($"a-{number}", "desk", "refund"), Policies.Fresh, Policies.Noonish).Sampled;
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    public void Sample_AtItsEnds_IsNoneOrAll(string rate, bool all) =>
        Assert.Equal(all, Policies.Decide($$$"""{"autonomy":"autonomous","review":{"sample_rate":{{{rate}}}}}""", "{}").Sampled);

    private static ReviewTerms Terms(string fleet, string agent) =>
        Gate.Decide(
            [Policies.Fleet($$"""{"review":{{fleet}}}"""), Policies.Agent($$"""{"review":{{agent}}}""")],
            Policies.Action("{}"), Policies.Fresh, Policies.Noonish).Review;
}
