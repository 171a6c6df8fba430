using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>What the design promises of every policy and every action: nothing that tightens ever lets more go.</summary>
public sealed class TighteningTests
{
    private const long Many = 5_000;

    [Fact]
    public void Adding_a_rule_never_lets_more_go() =>
        Gen.Select(AnyPolicy.Meeting, AnyPolicy.Rule).Sample((meeting, rule) =>
            NeverLooser(meeting.Policy, meeting.Policy with { Rules = meeting.Policy.Rules.Append(rule).ToValueList() }, meeting.Action), iter: Many);

    [Fact]
    public void Adding_a_guarantee_never_lets_more_go() =>
        Gen.Select(AnyPolicy.Meeting, AnyPolicy.Condition).Sample((meeting, condition) =>
            NeverLooser(meeting.Policy, meeting.Policy with { Guarantees = meeting.Policy.Guarantees.Append(new("g", condition)).ToValueList() }, meeting.Action), iter: Many);

    [Fact]
    public void Lowering_a_limit_never_lets_more_go() =>
        Gen.Select(AnyPolicy.Meeting, Gen.Int[0, 4], Gen.Int[0, 100]).Sample((meeting, which, percent) =>
        {
            var limits = meeting.Policy.Limits;
            var lowered = limits.Select((limit, index) => index == which ? Lowered(limit, percent / 100m) : limit).ToValueList();
            return NeverLooser(meeting.Policy, meeting.Policy with { Limits = lowered }, meeting.Action);
        }, iter: Many);

    [Fact]
    public void Lowering_the_level_of_all_others_never_lets_more_go() =>
        Gen.Select(AnyPolicy.Meeting, AnyPolicy.Level).Sample((meeting, level) =>
        {
            var before = meeting.Policy.Autonomy ?? PolicyDocument.DefaultAutonomy;
            return NeverLooser(meeting.Policy, meeting.Policy.WithLevel(null, level < before ? level : before), meeting.Action);
        }, iter: Many);

    [Fact]
    public void Lowering_the_level_of_one_type_never_lets_more_go() =>
        Gen.Select(AnyPolicy.Meeting, AnyPolicy.Level, Gen.Int[0, 2]).Sample((meeting, level, which) =>
        {
            var lowered = meeting.Policy.Actions.Select((action, index) => index == which && level < action.Autonomy ? action with { Autonomy = level } : action);
            return NeverLooser(meeting.Policy, meeting.Policy with { Actions = lowered.ToValueList() }, meeting.Action);
        }, iter: Many);

    [Fact]
    public void Adding_a_layer_never_lets_more_go() =>
        Gen.Select(AnyPolicy.Meeting, AnyPolicy.Document, AnyPolicy.ToolsUsed).Sample((meeting, second, used) =>
        {
            var facts = Policies.Fresh with { ToolsUsed = used };
            var one = AnyPolicy.Decide(Policies.Layers(meeting.Policy), meeting.Action, facts);
            var both = AnyPolicy.Decide(Policies.Layers(meeting.Policy, second), meeting.Action, facts);
            return both.Verdict >= one.Verdict && both.WouldBe >= one.WouldBe && both.Review.Approvals >= one.Review.Approvals;
        }, iter: 4 * Many);

    [Fact]
    public void Two_layers_allow_nothing_that_either_alone_would_not() =>
        Gen.Select(AnyPolicy.Meeting, AnyPolicy.Document, AnyPolicy.ToolsUsed).Sample((meeting, second, used) =>
        {
            var facts = Policies.Fresh with { ToolsUsed = used };
            var together = AnyPolicy.Decide(Policies.Layers(meeting.Policy, second), meeting.Action, facts).Verdict;
            return together >= AnyPolicy.Decide([new(PolicyLayer.Fleet, 1, meeting.Policy)], meeting.Action, facts).Verdict
                && together >= AnyPolicy.Decide([new(PolicyLayer.Agent, 1, second)], meeting.Action, facts).Verdict;
        }, iter: 4 * Many);

    [Fact]
    public void An_agents_first_own_policy_changes_nothing() =>
        AnyPolicy.Meeting.Sample(meeting =>
            AnyPolicy.Decide(Policies.Layers(meeting.Policy, PolicyDocument.AgentDefault), meeting.Action).Verdict == AnyPolicy.Decide(meeting.Policy, meeting.Action).Verdict, iter: Many);

    [Fact]
    public void Having_used_more_tools_never_lets_more_go_unless_a_rule_says_so() =>
        Gen.Select(AnyPolicy.Meeting, AnyPolicy.ToolsUsed).Sample((meeting, used) =>
        {
            var layers = Policies.Layers(meeting.Policy with { Rules = [], Guarantees = [] });
            return AnyPolicy.Decide(layers, meeting.Action, Policies.Fresh with { ToolsUsed = used }).Verdict >= AnyPolicy.Decide(layers, meeting.Action).Verdict;
        }, iter: Many);

    [Fact]
    public void Stopping_tripping_and_missing_scopes_never_let_more_go() =>
        Gen.Select(AnyPolicy.Meeting, Gen.Enum<ControlState>(), Gen.Enum<BreakerOutcome>()).Sample((meeting, control, outcome) =>
        {
            var layers = Policies.Layers(meeting.Policy);
            var before = AnyPolicy.Decide(layers, meeting.Action);
            SessionFacts[] worse =
            [
                Policies.Fresh with { Control = [new("session", control)] },
                Policies.Fresh with { Tripped = [new("b", outcome, BreakerMetric.Turns, 21, 20)] },
                Policies.Fresh with { AgentScopes = ["claims"], UserScopes = [] },
            ];
            return worse.All(facts => AnyPolicy.Decide(layers, meeting.Action, facts) is var after && (after.Verdict >= before.Verdict || after.Held));
        }, iter: Many);

    [Fact]
    public void A_budget_that_is_more_used_or_unknown_never_lets_more_go() =>
        Gen.Select(AnyPolicy.Meeting, Gen.Int[0, 100]).Sample((meeting, used) =>
        {
            var layers = Policies.Layers(meeting.Policy);
            var budgets = Gate.BudgetsFor(layers, meeting.Action, Policies.Fresh.SessionId, Policies.Noonish);
            var some = Decide(used);
            return Decide(used + 5) >= some && Decide(null) >= some;

            Verdict Decide(decimal? sum) => Gate.Decide(
                layers,
                meeting.Action,
                Policies.Fresh with { BudgetUsed = sum is { } known ? budgets.ToDictionary(key => key, _ => known) : [] },
                Policies.Noonish).Verdict;
        }, iter: Many);

    [Fact]
    public void The_generator_reaches_every_verdict_often_enough_to_mean_something()
    {
        var seen = new int[5];
        AnyPolicy.Meeting.Sample(meeting => { Interlocked.Increment(ref seen[(int)AnyPolicy.Decide(meeting.Policy, meeting.Action).Verdict]); }, iter: Many);
        Assert.All(seen, count => Assert.True(count > Many / 50, $"{string.Join(" ", seen)}"));
    }

    private static Limit Lowered(Limit limit, decimal factor) => limit with
    {
        MaxAmount = limit.MaxAmount * factor,
        MaxTotal = limit.MaxTotal * factor,
        MinConfidence = limit.MinConfidence is { } least ? least + ((1 - least) * (1 - factor)) : null,
    };

    private static bool NeverLooser(PolicyDocument before, PolicyDocument after, ActionRequest action)
    {
        var (was, now) = (AnyPolicy.Decide(before, action), AnyPolicy.Decide(after, action));
        return now.Verdict >= was.Verdict && now.WouldBe >= was.WouldBe;
    }
}
