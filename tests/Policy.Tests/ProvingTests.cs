using System.Globalization;
using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>Guarantees are proven, not tested: what the prover takes nothing can break, and what it refuses its own example breaks.</summary>
public sealed class ProvingTests
{
    private const string NeverOver500 = """
        "guarantees":[{"id":"never-over-500","text":"No expense over 500 USD goes without a person",
          "never_allow":{"all":[{"field":"type","op":"glob","value":"expense.*"},{"field":"amount","op":"gt","value":500}]}}]
        """;

    /// <summary>Facts of a session and moments as conditions speak of them.</summary>
    private static readonly Gen<(SessionFacts Facts, DateTimeOffset At)> Circumstances =
        from used in AnyPolicy.ToolsUsed
        from turns in Gen.Nullable(Gen.Int[0, 110], 0.2)
        from hours in Gen.Int[0, 24 * 7]
        select (Policies.Fresh with { ToolsUsed = used, Turns = turns }, Policies.Noonish.AddHours(hours));

    /// <summary>Layers that let much go, with a guarantee that some of them keep.</summary>
    private static readonly Gen<PolicyLayer[]> Stack =
        from fleet in AnyPolicy.Document
        from agent in AnyPolicy.Document.Null(0.4)
        from never in AnyPolicy.Condition.Array[1, 2]
        from kept in Gen.Bool
        select Policies.Layers([Promising(fleet, never, kept), .. agent is null ? Array.Empty<PolicyDocument>() : [agent]]);

    [Theory]
    [InlineData("""{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"},{"type":"expense.approve","vendor":"Delta","max_amount":500,"currency":"USD"}],""")]
    [InlineData("""{"autonomy":"autonomous","rules":[{"id":"r","applies_to":["expense.*"],"when":{"field":"amount","op":"gt","value":499.99},"then":"review"}],""")]
    [InlineData("""{"autonomy":"autonomous","actions":[{"type":"expense.*","autonomy":"suggest"}],""")]
    [InlineData("""{"autonomy":"autonomous","rules":[{"id":"r","when":{"not":{"field":"amount","op":"lte","value":500,"missing":"ignore"}},"then":"deny"}],""")]
    [InlineData("""{"autonomy":"shadow",""")]
    [InlineData("""{"autonomy":"autonomous","limits":[{"type":"expense.*","max_amount":1,"currency":"USD"},{"category":"meals","max_total":500,"currency":"EUR","per":"day"}],""")]
    public void Prove_APolicyThatKeepsIt_Proves(string policy) =>
        Assert.Equal(ProofOutcome.Proven, Assert.Single(Prove(policy + NeverOver500 + "}")).Outcome);

    [Theory]
    [InlineData("""{"autonomy":"autonomous",""", "amount 501")]
    [InlineData("""{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"},{"vendor":"Delta","max_amount":600,"currency":"USD"}],""", "vendor delta")]
    [InlineData("""{"autonomy":"bounded","limits":[{"type":"expense.*","min_confidence":0.9}],""", "confidence 0.9")]
    [InlineData("""{"autonomy":"autonomous","rules":[{"id":"r","when":{"all":[{"field":"amount","op":"gt","value":500},{"field":"vendor","op":"ne","value":"Delta"}]},"then":"review"}],""", "vendor delta")]
    [InlineData("""{"autonomy":"autonomous","rules":[{"id":"r","applies_to":["expense.approve"],"when":{"field":"amount","op":"gt","value":500},"then":"review"}],""", "type expense.")]
    public void Prove_APolicyThatBreaksIt_ShowsAnActionThatWouldGo(string policy, string says)
    {
        var proof = Assert.Single(Prove(policy + NeverOver500 + "}"));

        Assert.Equal(ProofOutcome.Broken, proof.Outcome);
        Assert.True(proof.Counterexample!.IsCertain);
        Assert.True(proof.Counterexample.Action.Amount > 500);
        Assert.Contains(says, proof.Because, StringComparison.Ordinal);
        Assert.StartsWith("\"No expense over 500 USD goes without a person\" would not hold: this would go without a person: type expense.", proof.Because, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another text")]
    [InlineData("another text 0")]
    public void Prove_AListThatHoldsNothingThatIsLookedFor_IsTriedWhateverIsLookedFor(string lookedFor)
    {
        var proof = Assert.Single(Prove(
            """{"autonomy":"autonomous","rules":[{"id":"r","when":{"field":"arguments.x","op":"contains","value":"LOOKED FOR","missing":"ignore"},"then":"review"}],"""
                .Replace("LOOKED FOR", lookedFor, StringComparison.Ordinal)
            + """ "guarantees":[{"id":"g","text":"No list with a 1 goes","never_allow":{"field":"arguments.x","op":"contains","value":1,"missing":"ignore"}}]}"""));

        Assert.Equal(ProofOutcome.Broken, proof.Outcome);
    }

    [Theory]
    [InlineData("2026-01-13", ProofOutcome.Proven)] // ended yesterday
    [InlineData("2026-01-14", ProofOutcome.Broken)] // ends today
    [InlineData("2026-01-15", ProofOutcome.Broken)]
    [InlineData("2027-01-01", ProofOutcome.Broken)]
    public void Prove_WithALimitThatEnds_CountsWhatItStillLetsGo(string until, ProofOutcome outcome) =>
        Assert.Equal(outcome, Assert.Single(Prove($$$"""
            {"autonomy":"bounded","limits":[{"type":"expense.*","max_amount":900,"currency":"USD","until":"{{{until}}}"}],
             "guarantees":[{"id":"g","never_allow":{"field":"amount","op":"gt","value":500,"missing":"ignore"}}]}
            """)).Outcome);

    [Fact]
    public void Prove_ALimitThatEndsBeforeTheOnlyDayThatARuleLetsThingsGoOn_LetsNothingGo() =>
        Assert.Equal(ProofOutcome.Proven, Assert.Single(Prove("""
            {"autonomy":"bounded","limits":[{"max_amount":900,"currency":"USD","until":"2026-01-15"}],
             "rules":[{"id":"r","when":{"field":"weekday","op":"ne","value":"sunday"},"then":"deny"}],
             "guarantees":[{"id":"g","never_allow":{"field":"amount","op":"gt","value":500,"missing":"ignore"}}]}
            """)).Outcome);

    [Fact]
    public void Prove_AnActionOfWhichItCannotBeKnown_BreaksItToo()
    {
        var proof = Assert.Single(Prove("""{"autonomy":"autonomous","rules":[{"id":"r","when":{"field":"amount","op":"gt","value":500,"missing":"ignore"},"then":"review"}],""" + NeverOver500 + "}"));
        Assert.Equal(ProofOutcome.Broken, proof.Outcome);
        Assert.False(proof.Counterexample!.IsCertain);
        Assert.Null(proof.Counterexample.Action.Amount);
    }

    [Fact]
    public void Prove_WhatTheOtherLayerHoldsBack_CountsForBoth()
    {
        var fleet = Policies.Fleet("""{"autonomy":"autonomous",""" + NeverOver500 + "}");
        var agent = Policies.Agent("""{"autonomy":"autonomous","limits":[{"max_amount":500,"currency":"USD"}]}""");
        Assert.Equal(ProofOutcome.Broken, Assert.Single(Prover.Prove([fleet], null, Policies.Noonish)).Outcome);
        Assert.Equal(ProofOutcome.Proven, Assert.Single(Prover.Prove([fleet, agent], "desk", Policies.Noonish)).Outcome);
    }

    [Theory]
    [InlineData("""{"field":"session.taint","op":"contains","value":"untrusted"}""", """{"field":"session.taint","op":"contains","value":"untrusted"}""", true)]
    [InlineData("""{"all":[{"field":"session.taint","op":"contains","value":"untrusted"},{"field":"tool","op":"eq","value":"send_slack"}]}""", """{"any":[]}""", true)]
    [InlineData("""{"field":"tool","op":"eq","value":"delete_ledger","missing":"ignore"}""", """{"any":[]}""", true)]
    [InlineData("""{"field":"risk","op":"eq","value":"irreversible"}""", """{"field":"risk","op":"in","value":["irreversible","external"]}""", true)]
    [InlineData("""{"field":"risk","op":"eq","value":"external"}""", """{"field":"risk","op":"eq","value":"irreversible"}""", false)]
    [InlineData("""{"field":"hour","op":"gte","value":22}""", """{"not":{"all":[{"field":"hour","op":"gte","value":8},{"field":"hour","op":"lt","value":18}]}}""", true)]
    [InlineData("""{"field":"weekday","op":"in","value":["sat","sun"]}""", """{"field":"weekday","op":"gt","value":5}""", true)]
    [InlineData("""{"field":"weekday","op":"in","value":["sat","sun"]}""", """{"field":"weekday","op":"gt","value":6}""", false)]
    [InlineData("""{"field":"vendor","op":"contains","value":"casino royale"}""", """{"field":"vendor","op":"glob","value":"*casino*"}""", true)]
    [InlineData("""{"field":"vendor","op":"glob","value":"*casino*"}""", """{"field":"vendor","op":"contains","value":"casino royale"}""", false)]
    [InlineData("""{"field":"vendor","op":"glob","value":"a?c"}""", """{"any":[{"field":"vendor","op":"glob","value":"a*c"},{"field":"vendor","op":"exists","value":false}]}""", true)]
    [InlineData("""{"field":"vendor","op":"glob","value":"a*c"}""", """{"field":"vendor","op":"glob","value":"a?c"}""", false)]
    [InlineData("""{"field":"arguments.order.lines","op":"gt","value":3,"missing":"ignore"}""", """{"field":"arguments.order","op":"exists"}""", true)]
    [InlineData("""{"field":"arguments.to","op":"contains","value":"x","missing":"ignore"}""", """{"field":"arguments.to","op":"exists"}""", true)]
    [InlineData("""{"field":"session.turns","op":"gt","value":20}""", """{"field":"session.turns","op":"gt","value":19.5}""", true)]
    [InlineData("""{"field":"session.turns","op":"gt","value":20}""", """{"field":"session.turns","op":"gt","value":21}""", false)]
    [InlineData("""{"field":"agent","op":"eq","value":"other"}""", """{"any":[]}""", true)]
    public void Prove_EveryKindOfField_IsWithinItsReach(string never, string held, bool proven)
    {
        // A rule of the same condition, or a wider one, keeps a guarantee; tools and taint hold without any.
        var rule = held == """{"any":[]}""" ? "" : $$"""{"id":"r","when":{{held}},"then":"review"}""";
        var layer = Policies.Agent($$"""
            {"autonomy":"autonomous","rules":[{{rule}}],"guarantees":[{"id":"g","never_allow":{{never}} }],
             "tools":[{"name":"read_email","labels":["untrusted"]},{"name":"send_slack","labels":["external"],"risk":"external"},{"name":"delete_ledger","enabled":false}],
             "taint":[{"when":["untrusted"],"block":["external"]}]}
            """);
        var proof = Assert.Single(Prover.Prove([layer], "desk", Policies.Noonish));
        Assert.True(proof.Outcome == (proven ? ProofOutcome.Proven : ProofOutcome.Broken), proof.Because);
    }

    [Fact]
    public void Prove_WhatIsBeyondReach_IsUnprovenAndSaysWhy()
    {
        var words = Enumerable.Range(0, 16).Select(i => $$"""{"all":[{"field":"reasoning","op":"contains","value":"word{{i}}"},{"field":"reasoning","op":"contains","value":"thing{{i}}"}]}""");
        var proof = Assert.Single(Prove($$"""
            {"autonomy":"autonomous","rules":[{"id":"r","when":{"any":[{{string.Join(',', words)}}]},"then":"review"}],
             "guarantees":[{"id":"g","text":"Reasons are given","never_allow":{"field":"reasoning","op":"contains","value":"because"} }]}
            """));
        Assert.Equal(ProofOutcome.Unproven, proof.Outcome);
        Assert.Equal("Whether \"Reasons are given\" holds can't be proven: the patterns of reasoning combine in too many ways", proof.Because);
    }

    [Fact]
    public void WhatTheProverTakesNothingBreaks_AndWhatItRefusesItsExampleBreaks()
    {
        int proven = 0, broken = 0, unproven = 0, tried = 0;
        Gen.Select(Stack, Gen.Select(AnyPolicy.Action, Circumstances).Array[150]).Sample((layers, questions) =>
        {
            var free = WithoutGuarantees(layers);
            foreach (var proof in Prover.Prove(layers, "desk", Policies.Noonish))
            {
                switch (proof.Outcome)
                {
                    case ProofOutcome.Proven:
                        Interlocked.Increment(ref proven);
                        Interlocked.Add(ref tried, questions.Length);
                        foreach (var (action, (facts, at)) in questions)
                            Assert.False(Breaks(layers, free, proof, action, WithBudgets(layers, action, facts, at), at), $"proven, but broken by {action} at {at}");
                        break;
                    case ProofOutcome.Broken:
                        Interlocked.Increment(ref broken);
                        var (example, its, then, _) = proof.Counterexample!;
                        Assert.True(Breaks(layers, free, proof, example, its, then), proof.Because);
                        break;
                    default:
                        Interlocked.Increment(ref unproven);
                        break;
                }
            }
        }, iter: 1_500);
        Assert.True(tried >= 100_000, $"{tried} tried");
        Assert.True(proven > 300 && broken > 300 && unproven < (proven + broken) / 20, $"{proven} proven, {broken} broken, {unproven} unproven");
    }

    [Fact]
    public void ARuleOfTheSameCondition_KeepsEveryGuarantee() =>
        Gen.Select(AnyPolicy.Document, AnyPolicy.Condition).Sample((document, never) =>
        {
            var kept = document with { Guarantees = [new("g", never)], Rules = document.Rules.Append(new("same", never, RuleOutcome.Review)).ToValueList() };
            Assert.NotEqual(ProofOutcome.Broken, Prover.Prove(Policies.Layers(kept), "desk", Policies.Noonish)[0].Outcome);
        }, iter: 500);

    private static IReadOnlyList<GuaranteeProof> Prove(string policy) => Prover.Prove([Policies.Fleet(policy)], null, Policies.Noonish);

    private static PolicyDocument Promising(PolicyDocument document, Condition[] never, bool kept) => document with
    {
        Guarantees = never.Select((condition, index) => new Guarantee(string.Create(CultureInfo.InvariantCulture, $"g{index}"), condition)).ToValueList(),
        Rules = kept ? document.Rules.Append(new("kept", never[0], RuleOutcome.Review)).ToValueList() : document.Rules,
    };

    private static SessionFacts WithBudgets(PolicyLayer[] layers, ActionRequest action, SessionFacts facts, DateTimeOffset at) =>
        facts with { BudgetUsed = Gate.BudgetsFor(layers, action, facts.SessionId, at).Distinct().ToDictionary(key => key, _ => 0m) };

    private static PolicyLayer[] WithoutGuarantees(PolicyLayer[] layers) => Policies.Layers([.. layers.Select(layer => layer.Document with { Guarantees = [] })]);

    /// <summary>Whether the gate lets it go once guarantees are left out, although the guarantee, asked of the gate too, means it.</summary>
    private static bool Breaks(PolicyLayer[] layers, PolicyLayer[] free, GuaranteeProof proof, ActionRequest action, SessionFacts facts, DateTimeOffset at) =>
        Gate.Decide(free, action, facts, at).Verdict == Verdict.Allow
        && Gate.Decide(layers, action, facts, at).Reasons.Any(reason => reason.Rule == $"guarantee:{proof.Guarantee.Id}" && reason.Layer == proof.Layer);
}
