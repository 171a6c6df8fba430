using Handrail.Policy;

namespace Handrail;

/// <summary>The order of checks: control, breakers, data, taint, tools.</summary>
public sealed class CheckTests
{
    private const string Free = """{"autonomy":"autonomous"}""";

    private const string Tainting = """
        {"autonomy":"autonomous",
         "tools":[{"name":"read_email","labels":["untrusted"]},{"name":"query_ledger","labels":["sensitive"]},{"name":"send_slack","labels":["external"]}],
         "taint":[{"when":["untrusted","sensitive"],"block":["external"]}]}
        """;

    [Theory]
    [InlineData("session")]
    [InlineData("agent")]
    [InlineData("fleet")]
    public void Stopped_AnyScope_Stops(string scope)
    {
        var decision = Policies.Decide(Free, "{}", Policies.Fresh with { Control = [new(scope, ControlState.Stopped, "runaway")] });
        Assert.Equal((false, Verdict.Stop, new Reason($"control:{scope}", Verdict.Stop, $"The {scope} is stopped: runaway")), (decision.Held, decision.Verdict, decision.Reasons[0]));
    }

    [Theory]
    [InlineData(ControlState.Paused, "The agent is paused")]
    [InlineData(ControlState.TakenOver, "A person has taken over the agent")]
    public void PausedOrTakenOver_NothingIsDecided(ControlState state, string why)
    {
        var decision = Policies.Decide("""{"autonomy":"off"}""", "{}", Policies.Fresh with { Control = [new("agent", state)] });
        Assert.True(decision.Held);
        Assert.Equal([(("control:agent"), why)], decision.Reasons.Select(reason => (reason.Rule, reason.Text)));
        Assert.NotEqual(Verdict.Allow, decision.Verdict);
    }

    [Fact]
    public void PausedAndStopped_Stops()
    {
        var decision = Policies.Decide(Free, "{}", Policies.Fresh with { Control = [new("session", ControlState.Paused), new("fleet", ControlState.Stopped)] });
        Assert.Equal((false, Verdict.Stop), (decision.Held, decision.Verdict));
    }

    [Fact]
    public void Running_ChangesNothing() =>
        Assert.Equal(Verdict.Allow, Policies.Decide(Free, "{}", Policies.Fresh with { Control = [new("session", ControlState.Running)] }).Verdict);

    [Theory]
    [InlineData(BreakerOutcome.Alert, Verdict.Allow, false)]
    [InlineData(BreakerOutcome.Review, Verdict.Review, false)]
    [InlineData(BreakerOutcome.Pause, Verdict.Deny, true)]
    [InlineData(BreakerOutcome.Stop, Verdict.Stop, false)]
    public void TrippedBreaker_HasItsThenAndItsFigure(BreakerOutcome then, Verdict verdict, bool held)
    {
        var decision = Policies.Decide(Free, "{}", Policies.Fresh with { Tripped = [new("session-cost", then, BreakerMetric.CostUsd, 2.31m, 2m)] });
        Assert.Equal((held, verdict), (decision.Held, decision.Verdict));
        Assert.Contains(decision.Reasons, reason => reason is { Rule: "breaker:session-cost", Text: "Breaker session-cost tripped: cost_usd at 2.31, over 2" });
    }

    [Fact]
    public void Data_TheUserLacksAScopeOfTheAgent_Denies()
    {
        var decision = Policies.Decide(Free, "{}", Policies.Fresh with { AgentScopes = ["claims", "payroll"], UserScopes = ["payroll"] });
        Assert.Equal(new Reason("data:claims", Verdict.Deny, "The agent uses claims data, which the user on whose behalf it acts may not see"), decision.Reasons[0]);
        Assert.DoesNotContain(decision.Reasons, reason => reason.Rule == "data:payroll");
    }

    [Fact]
    public void Data_TheUserHoldsAllScopes_LetsGo() =>
        Assert.Equal(Verdict.Allow, Policies.Decide(Free, "{}", Policies.Fresh with { AgentScopes = ["claims"], UserScopes = ["payroll", "claims"] }).Verdict);

    [Theory]
    [InlineData(false, Verdict.Allow)]
    [InlineData(true, Verdict.Deny)]
    public void Data_NoKnownUser_DeniesOnlyAgentsThatRequireOne(bool requires, Verdict verdict) =>
        Assert.Equal(verdict, Policies.Decide(Free, "{}", Policies.Fresh with { AgentScopes = ["claims"], AgentRequiresUser = requires }).Verdict);

    [Theory]
    [InlineData("Send_Slack", "read_email,query_ledger", Verdict.Deny)]
    [InlineData("send_slack", "query_ledger,READ_EMAIL,other", Verdict.Deny)]
    [InlineData("send_slack", "read_email", Verdict.Allow)]
    [InlineData("send_slack", "", Verdict.Allow)]
    [InlineData("query_ledger", "read_email,query_ledger", Verdict.Allow)]
    [InlineData("unheard_of", "read_email,query_ledger", Verdict.Allow)]
    [InlineData(null, "read_email,query_ledger", Verdict.Review)]
    public void Taint_AllLabelsMet_DeniesBlockedToolsForTheRestOfTheSession(string? tool, string used, Verdict verdict)
    {
        var action = Policies.Action("{}") with { Tool = tool };
        var facts = Policies.Fresh with { ToolsUsed = used.Split(',') };
        var decision = Gate.Decide([Policies.Fleet(Tainting)], action, facts, Policies.Noonish);
        Assert.Equal(verdict, decision.Verdict);
        Assert.Equal(verdict == Verdict.Allow ? "autonomy:*" : "taint:0", decision.Reasons[0].Rule);
    }

    [Fact]
    public void Taint_TheActionsOwnLabels_CountOnlyForLaterActions()
    {
        const string Policy = """{"autonomy":"autonomous","tools":[{"name":"web","labels":["untrusted","external"]}],"taint":[{"when":["untrusted"],"block":["external"]}]}""";
        Assert.Equal(Verdict.Allow, Policies.Decide(Policy, """{"tool":"web"}""").Verdict);
        Assert.Equal(Verdict.Deny, Policies.Decide(Policy, """{"tool":"web"}""", Policies.Fresh with { ToolsUsed = ["web"] }).Verdict);
    }

    [Fact]
    public void Taint_RowsAndLabelsOfAllLayers_WorkTogether()
    {
        PolicyLayer[] layers =
        [
            Policies.Fleet("""{"autonomy":"autonomous","taint":[{"when":["untrusted"],"block":["external"]}]}"""),
            Policies.Agent("""{"autonomy":"autonomous","tools":[{"name":"read_email","labels":["untrusted"]},{"name":"send_slack","labels":["external"]}]}"""),
        ];
        var decision = Gate.Decide(layers, Policies.Action("""{"tool":"send_slack"}"""), Policies.Fresh with { ToolsUsed = ["read_email"] }, Policies.Noonish);
        Assert.Equal(
            new Reason("taint:0", Verdict.Deny, "The session has used tools labelled untrusted, so that send_slack, labelled external, is out of its reach", "fleet"),
            decision.Reasons[0]);
    }

    [Fact]
    public void Tool_NotEnabledInAnyLayer_Denies()
    {
        PolicyLayer[] layers = [Policies.Fleet("""{"autonomy":"autonomous","tools":[{"name":"delete_ledger","enabled":false}]}"""), Policies.Agent("""{"autonomy":"autonomous","tools":[{"name":"delete_ledger"}]}""")];
        var decision = Gate.Decide(layers, Policies.Action("""{"tool":"Delete_Ledger"}"""), Policies.Fresh, Policies.Noonish);
        Assert.Equal(new Reason("tool:delete_ledger", Verdict.Deny, "The tool delete_ledger is not enabled", "fleet"), decision.Reasons[0]);
    }

    [Theory]
    [InlineData(null, null, "irreversible")]
    [InlineData("read", null, "read")]
    [InlineData(null, "reversible", "reversible")]
    [InlineData("read", "external", "external")]
    [InlineData("irreversible", "read", "irreversible")]
    public void Risk_TheToolsEntryRaisesIt_AndTheAgentCannotLowerIt(string? stated, string? entry, string risk)
    {
        var policy = entry is null ? Free : $$"""{"autonomy":"autonomous","tools":[{"name":"t","risk":"{{entry}}"}]}""";
        var action = stated is null ? """{"tool":"t"}""" : $$"""{"tool":"t","risk":"{{stated}}"}""";
        Assert.Equal(risk, Policies.Decide(policy, action).Risk.Word());
    }

    [Fact]
    public void Risk_AnAgentsLayerThatCallsAToolHarmless_DoesNotLoosenTheFleets()
    {
        PolicyLayer[] layers =
        [
            Policies.Fleet("""{"autonomy":"autonomous","review":{"two_person_risk":"irreversible"},"rules":[{"id":"r","when":{"field":"risk","op":"eq","value":"irreversible"},"then":"review"}]}"""),
            Policies.Agent("""{"autonomy":"autonomous","tools":[{"name":"wire_money","risk":"read"}]}"""),
        ];
        var decision = Gate.Decide(layers, Policies.Action("""{"tool":"wire_money"}"""), Policies.Fresh, Policies.Noonish);
        Assert.Equal(("rule:r", Verdict.Review, 2), (decision.Reasons[0].Rule, decision.Verdict, decision.Review.Approvals));
    }

    [Theory]
    [InlineData("vendor", "Соinhub")]
    [InlineData("vendor", "Βlue Door")]
    [InlineData("category", "mеals")]
    [InlineData("vendor", "ソニー Sony")]
    public void Threat_04_LookAlike_LettersOfTwoScripts_GoesToAPerson(string member, string text)
    {
        var decision = Policies.Decide(Free, $$"""{"{{member}}":"{{text}}"}""");
        Assert.Equal(($"lookalike:{member}", Verdict.Review), (decision.Reasons[0].Rule, decision.Verdict));
    }

    [Theory]
    [InlineData("Straße 9")]
    [InlineData("Кофе Хауз 24")]
    [InlineData("ソニー株式会社")]
    [InlineData("ＡＣＭＥ")]
    [InlineData("Ⅷ Grüße & Söhne №1")]
    public void LookAlike_OneScript_LetsGo(string vendor) =>
        Assert.Equal(Verdict.Allow, Policies.Decide(Free, $$"""{"vendor":"{{vendor}}"}""").Verdict);

    [Fact]
    public void Reasons_OfAllChecks_AreListedWithTheWinnerFirst()
    {
        PolicyLayer[] layers =
        [
            Policies.Fleet("""{"autonomy":"suggest","rules":[{"id":"a","when":{"all":[]},"then":"review"},{"id":"b","when":{"all":[]},"then":"deny"}]}"""),
            Policies.Agent("""{"autonomy":"bounded","limits":[{"max_amount":1,"currency":"USD"}],"tools":[{"name":"t","enabled":false}]}"""),
        ];
        var facts = Policies.Fresh with { Control = [new("fleet", ControlState.Stopped)], Tripped = [new("turns", BreakerOutcome.Review, BreakerMetric.Turns, 21, 20)], AgentScopes = ["claims"], UserScopes = [] };
        var decision = Gate.Decide(layers, Policies.Action("""{"tool":"t","amount":2,"currency":"USD"}"""), facts, Policies.Noonish);
        Assert.Equal(
            ["control:fleet", "data:claims", "tool:t", "rule:b", "breaker:turns", "autonomy:*", "rule:a", "limit:*"],
            decision.Reasons.Select(reason => reason.Rule));
    }

    [Fact]
    public void Guarantee_ThatDescribesAnAllowedAction_SendsItToAPerson()
    {
        const string Policy = """
            {"autonomy":"autonomous","guarantees":[{"id":"never-over-500","text":"No expense over 500 USD goes without a person",
             "never_allow":{"all":[{"field":"type","op":"glob","value":"expense.*"},{"field":"amount","op":"gt","value":500}]}}]}
            """;
        var decision = Policies.Decide(Policy, """{"amount":501,"currency":"USD"}""");
        Assert.Equal(new Reason("guarantee:never-over-500", Verdict.Review, "No expense over 500 USD goes without a person", "fleet"), decision.Reasons[0]);
        Assert.Equal(Verdict.Review, Policies.Decide(Policy, "{}").Verdict);
        Assert.Equal(Verdict.Allow, Policies.Decide(Policy, """{"amount":500}""").Verdict);
        Assert.Equal(Verdict.Allow, Policies.Decide(Policy, """{"type":"refund"}""").Verdict);
    }
}
