using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>What holds of every decision.</summary>
public sealed class LawsTests
{
    private const long Many = 5_000;

    [Fact]
    public void The_same_question_gets_the_same_answer_also_from_the_document_read_anew() =>
        AnyPolicy.Meeting.Sample(meeting =>
        {
            var first = AnyPolicy.Decide(meeting.Policy, meeting.Action);
            var again = AnyPolicy.Decide(Policies.Document(meeting.Policy.ToJson()), meeting.Action);
            return Same(first, again);
        }, iter: Many);

    [Fact]
    public void The_order_of_rules_limits_and_levels_does_not_matter() =>
        AnyPolicy.Meeting.Sample(meeting =>
        {
            var reversed = meeting.Policy with
            {
                Rules = meeting.Policy.Rules.Reverse().ToValueList(),
                Limits = meeting.Policy.Limits.Reverse().ToValueList(),
                Actions = meeting.Policy.Actions.Reverse().ToValueList(),
                Tools = meeting.Policy.Tools.Reverse().ToValueList(),
            };
            var (one, other) = (AnyPolicy.Decide(meeting.Policy, meeting.Action), AnyPolicy.Decide(reversed, meeting.Action));
            return one.Verdict == other.Verdict && one.WouldBe == other.WouldBe && one.Reasons.ToHashSet().SetEquals(other.Reasons);
        }, iter: Many);

    [Fact]
    public void The_verdict_is_the_most_restrictive_reason_and_the_winner_comes_first() =>
        AnyPolicy.Meeting.Sample(meeting =>
        {
            var decision = AnyPolicy.Decide(meeting.Policy, meeting.Action);
            Assert.NotEmpty(decision.Reasons);
            Assert.Equal(decision.Verdict, decision.Reasons[0].Verdict);
            Assert.Equal(decision.Reasons.OrderByDescending(reason => reason.Verdict), decision.Reasons);
            Assert.All(decision.Reasons, reason => Assert.NotEmpty(reason.Text));
        }, iter: Many);

    [Fact]
    public void Would_be_is_the_verdict_at_full_autonomy() =>
        AnyPolicy.Meeting.Sample(meeting =>
        {
            var full = meeting.Policy with { Autonomy = Autonomy.Autonomous, Actions = [] };
            return AnyPolicy.Decide(meeting.Policy, meeting.Action).WouldBe == AnyPolicy.Decide(full, meeting.Action).Verdict;
        }, iter: Many);

    [Fact]
    public void Only_what_is_allowed_is_sampled_or_takes_from_a_budget() =>
        AnyPolicy.Meeting.Sample(meeting =>
        {
            var decision = AnyPolicy.Decide(meeting.Policy, meeting.Action);
            return decision.Verdict == Verdict.Allow || (!decision.Sampled && decision.Reservations.Count == 0);
        }, iter: Many);

    /// <summary>Against a second, plainer reading of conditions, written for this test from the design's words.</summary>
    [Fact]
    public void A_rule_that_holds_has_its_way_and_one_that_cannot_be_known_goes_to_a_person() =>
        Gen.Select(AnyPolicy.Rule, AnyPolicy.Action).Sample((rule, action) =>
        {
            var everywhere = rule with { AppliesTo = [] };
            var decision = AnyPolicy.Decide(new PolicyDocument { Autonomy = Autonomy.Autonomous, Rules = [everywhere] }, action);
            var expected = PlainReading.Of(everywhere.When, action) switch
            {
                true => rule.Then switch { RuleOutcome.Review => Verdict.Review, RuleOutcome.Deny => Verdict.Deny, _ => Verdict.Stop },
                null => Verdict.Review,
                false => (Verdict?)null,
            };
            Assert.Equal(expected, decision.Reasons.SingleOrDefault(reason => reason.Rule == $"rule:{rule.Id}")?.Verdict);
        }, iter: 4 * Many);

    private static bool Same(PolicyDecision one, PolicyDecision other) =>
        one with { Reasons = [], Reservations = [] } == other with { Reasons = [], Reservations = [] }
        && one.Reasons.SequenceEqual(other.Reasons) && one.Reservations.SequenceEqual(other.Reservations);
}
