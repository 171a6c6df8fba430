using Handrail.Handoffs;

namespace Handrail.Attention;

public sealed class AttentionReadingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Threat_09_Of_HastyApprovalsInARow_AreCountedForTheirPerson()
    {
        var anna = Of([.. Enumerable.Range(0, 6).Select(i => Approved("anna", looked: i)), Rejected("anna", looked: 9), Approved("anna"), Approved("anna") with { Edited = true }, Approved("anna"), Approved("ben")])
            .Reviewers.Single(r => r.Reviewer == "anna");

        Assert.Equal((10, 1, 1), (anna.Decisions, anna.Rejected, anna.Edited));
        Assert.Equal((7, 2, TimeSpan.FromSeconds(3)), (anna.Timed, anna.HastyOnes, anna.MedianLooked));
        Assert.Equal((6, 1), (anna.LongestRun, anna.PresentRun));
    }

    [Fact]
    public void Of_TwoWhoHadToAgree_CountsWhereTheSecondDidNot()
    {
        var reading = Of([
            Approved("ben") with { Approvers = ["anna", "ben"] }, Approved("anna") with { Approvers = ["ben", "anna"] }, Rejected("ben") with { Approvers = ["anna"] },
            Rejected("cleo") with { Approvers = ["anna"], Kind = HandoffKind.Sample },
        ]);

        Assert.Equal([new PairReading("anna", "ben", 2, 1)], reading.Pairs);
        Assert.Equal(4, reading.Reviewers.Single(r => r.Reviewer == "anna").Decisions);
    }

    [Fact]
    public void Of_PlantedCases_CountApartFromTheRest()
    {
        var anna = Of([Approved("anna") with { Planted = true }, Rejected("anna") with { Planted = true }, Rejected("anna")]).Reviewers.Single();

        Assert.Equal((1, 1, 2, 1), (anna.Decisions, anna.Rejected, anna.Planted, anna.Caught));
    }

    [Fact]
    public void Of_Nothing_IsNobody() => Assert.Empty(Of([]).Reviewers);

    private static AttentionReading Of(IReadOnlyList<ReviewedHandoff> decisions) => AttentionReading.Of(Noon, decisions, more: false);

    private static ReviewedHandoff Approved(string by, int? looked = null) => new(
        HandoffKind.Approval, HandoffStatus.Approved, by, Noon, [by], false, looked is { } seconds ? TimeSpan.FromSeconds(seconds) : null, TimeSpan.FromMinutes(1), false);

    private static ReviewedHandoff Rejected(string by, int? looked = null) => Approved(by, looked) with { Status = HandoffStatus.Rejected, Approvers = [] };
}
