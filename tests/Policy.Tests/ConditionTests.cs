using Handrail.Policy;

namespace Handrail;

/// <summary>Single conditions over one action: true denies, unknown goes to a person, false lets go.</summary>
public sealed class ConditionTests
{
    private const string Action = """
        {"type":"expense.approve","tool":"approve_expense","amount":48.20,"currency":"USD","vendor":"Blue  Door Café","category":"meals","confidence":0.93,
         "user":"u-42","agent":"desk","agent_version":"1.4","reasoning":"Under the limit","citations":[{"title":"t"}],"risk":"external",
         "checks":[{"name":"a","passed":true},{"name":"b","passed":false}],
         "arguments":{"order":{"lines":3,"note":"Two boxes","rush":true,"tags":["a","B"],"gift":null,"far":1e400},"items":[{"price":7}],"half":"\ud800"}}
        """;

    [Theory]
    [InlineData("type", "eq", "\"Expense.Approve\"")]
    [InlineData("tool", "eq", "\"approve_expense\"")]
    [InlineData("amount", "eq", "48.2")]
    [InlineData("amount", "ne", "48.21")]
    [InlineData("amount", "gt", "48.19")]
    [InlineData("amount", "gte", "48.2")]
    [InlineData("amount", "lt", "48.21")]
    [InlineData("amount", "lte", "48.2")]
    [InlineData("currency", "in", "[\"EUR\",\"usd\"]")]
    [InlineData("currency", "not_in", "[\"EUR\",\"GBP\"]")]
    [InlineData("vendor", "eq", "\"BLUE DOOR CAFE\\u0301\"")]
    [InlineData("vendor", "contains", "\"door\"")]
    [InlineData("vendor", "glob", "\"blue*caf?\"")]
    [InlineData("category", "ne", "\"travel\"")]
    [InlineData("confidence", "gt", "0.9")]
    [InlineData("user", "glob", "\"u-*\"")]
    [InlineData("agent", "eq", "\"desk\"")]
    [InlineData("agent_version", "eq", "\"1.4\"")]
    [InlineData("risk", "in", "[\"external\",\"irreversible\"]")]
    [InlineData("reasoning", "contains", "\"under\"")]
    [InlineData("reasoning", "exists", "true")]
    [InlineData("citations.count", "eq", "1")]
    [InlineData("checks.failed", "gte", "1")]
    [InlineData("arguments.order.lines", "eq", "3")]
    [InlineData("arguments.order.note", "eq", "\"two  BOXES\"")]
    [InlineData("arguments.order.rush", "eq", "true")]
    [InlineData("arguments.order.rush", "ne", "false")]
    [InlineData("arguments.order.tags", "contains", "\"b\"")]
    [InlineData("arguments.order.tags.1", "eq", "\"b\"")]
    [InlineData("arguments.items.0.price", "lt", "8")]
    [InlineData("arguments.order.gift", "exists", "false")]
    [InlineData("arguments.order", "exists", "true")]
    [InlineData("arguments.half", "exists", "true")]
    [InlineData("session.cost_usd", "lt", "1")]
    [InlineData("session.turns", "eq", "7")]
    [InlineData("session.steps", "eq", "8")]
    [InlineData("session.tool_calls", "eq", "9")]
    [InlineData("session.age_seconds", "gt", "59")]
    [InlineData("session.taint", "contains", "\"Untrusted\"")]
    [InlineData("hour", "eq", "9")]
    [InlineData("weekday", "eq", "\"Wednesday\"")]
    [InlineData("weekday", "in", "[\"sat\",\"wed\"]")]
    [InlineData("weekday", "in", "[0,3]")]
    [InlineData("weekday", "lt", "4")]
    public void Comparison_ThatHolds_Denies(string field, string op, string value) => Assert.Equal(Verdict.Deny, Decide(Leaf(field, op, value)));

    [Theory]
    [InlineData("amount", "gt", "48.2")]
    [InlineData("amount", "in", "[]")]
    [InlineData("vendor", "eq", "\"Blue Door\"")]
    [InlineData("vendor", "glob", "\"blue\"")]
    [InlineData("vendor", "not_in", "[\"blue door café\"]")]
    [InlineData("user", "exists", "false")]
    [InlineData("session.taint", "contains", "\"sensitive\"")]
    [InlineData("weekday", "in", "[\"saturday\",7]")]
    public void Comparison_ThatDoesNotHold_LetsGo(string field, string op, string value) => Assert.Equal(Verdict.Allow, Decide(Leaf(field, op, value)));

    [Theory]
    [InlineData("arguments.order.weight", "gt", "1", "arguments.order.weight is missing")]
    [InlineData("arguments.order.gift", "ne", "1", "arguments.order.gift is missing")]
    [InlineData("arguments.nowhere.at.all", "not_in", "[1]", "arguments.nowhere.at.all is missing")]
    [InlineData("session.context_tokens", "gt", "1", "session.context_tokens is missing")]
    [InlineData("arguments.order.note", "gt", "1", "arguments.order.note can't be compared so")]
    [InlineData("arguments.order.lines", "eq", "\"3\"", "arguments.order.lines can't be compared so")]
    [InlineData("arguments.order.lines", "in", "[\"3\"]", "arguments.order.lines can't be compared so")]
    [InlineData("arguments.order.lines", "contains", "3", "arguments.order.lines can't be compared so")]
    [InlineData("arguments.order.lines", "glob", "\"3*\"", "arguments.order.lines can't be compared so")]
    [InlineData("arguments.order", "eq", "\"x\"", "arguments.order can't be compared so")]
    [InlineData("arguments.order.tags", "eq", "\"a\"", "arguments.order.tags can't be compared so")]
    [InlineData("arguments.order.far", "gt", "1", "arguments.order.far can't be compared so")]
    [InlineData("arguments.half", "ne", "\"x\"", "arguments.half can't be compared so")]
    [InlineData("vendor", "gt", "1", "vendor can't be compared so")]
    public void Comparison_ThatCannotBeKnown_GoesToAPersonAndSaysWhatIsMissing(string field, string op, string value, string obstacle)
    {
        var decision = Gate.Decide([Policies.Fleet(Policy(Leaf(field, op, value)))], Policies.Action(Action), Facts, Policies.Noonish);
        Assert.Equal(new Reason("rule:r", Verdict.Review, $"Whether the rule Careful holds can't be known: {obstacle}", "fleet"), decision.Reasons[0]);
    }

    [Theory]
    [InlineData("""{"field":"arguments.none","op":"gt","value":1,"missing":"ignore"}""", Verdict.Allow)]
    [InlineData("""{"not":{"field":"arguments.none","op":"gt","value":1,"missing":"ignore"}}""", Verdict.Deny)]
    [InlineData("""{"field":"arguments.order.note","op":"gt","value":1,"missing":"ignore"}""", Verdict.Review)]
    public void MissingIgnore_MakesALackFalse_ButNotAWrongKind(string condition, Verdict verdict) => Assert.Equal(verdict, Decide(condition));

    private const string T = """{"field":"amount","op":"gt","value":1}""";
    private const string F = """{"field":"amount","op":"lt","value":1}""";
    private const string U = """{"field":"arguments.none","op":"lt","value":1}""";

    [Theory]
    [InlineData($$"""{"all":[{{T}},{{T}}]}""", Verdict.Deny)]
    [InlineData($$"""{"all":[{{T}},{{U}}]}""", Verdict.Review)]
    [InlineData($$"""{"all":[{{U}},{{F}}]}""", Verdict.Allow)]
    [InlineData("""{"all":[]}""", Verdict.Deny)]
    [InlineData($$"""{"any":[{{F}},{{F}}]}""", Verdict.Allow)]
    [InlineData($$"""{"any":[{{F}},{{U}}]}""", Verdict.Review)]
    [InlineData($$"""{"any":[{{U}},{{T}}]}""", Verdict.Deny)]
    [InlineData($$"""{"not":{{T}}}""", Verdict.Allow)]
    [InlineData($$"""{"not":{{U}}}""", Verdict.Review)]
    [InlineData($$"""{"not":{{F}}}""", Verdict.Deny)]
    [InlineData($$$"""{"not":{"any":[{{{F}}},{"all":[{{{T}}},{"not":{{{U}}}}]}]}}""", Verdict.Review)]
    public void AllAnyNot_OverTrueFalseAndUnknown_FollowTheDesign(string condition, Verdict verdict) => Assert.Equal(verdict, Decide(condition));

    [Theory]
    [InlineData("""[]""", Verdict.Deny)]
    [InlineData("""["expense.approve"]""", Verdict.Deny)]
    [InlineData("""["refund","EXPENSE.*"]""", Verdict.Deny)]
    [InlineData("""["refund","expense.approve.*"]""", Verdict.Allow)]
    public void AppliesTo_OtherTypes_LeavesTheActionAlone(string types, Verdict verdict) =>
        Assert.Equal(verdict, Policies.Decide($$"""{"autonomy":"autonomous","rules":[{"id":"r","applies_to":{{types}},"when":{"all":[]},"then":"deny"}]}""", Action).Verdict);

    [Theory]
    [InlineData("review", Verdict.Review)]
    [InlineData("deny", Verdict.Deny)]
    [InlineData("stop", Verdict.Stop)]
    public void Then_WhenTheRuleHolds_IsTheVerdictWithTheRulesMessage(string then, Verdict verdict)
    {
        var decision = Policies.Decide($$"""{"autonomy":"autonomous","rules":[{"id":"r","when":{{T}},"then":"{{then}}","message":"Blocked by Finance"}]}""", Action);
        Assert.Equal(new Reason("rule:r", verdict, "Blocked by Finance", "fleet"), decision.Reasons[0]);
    }

    [Fact]
    public void Rule_WithoutAMessage_IsReadAloud()
    {
        var decision = Policies.Decide($$"""{"autonomy":"autonomous","rules":[{"id":"r","name":"Careful","when":{{T}},"then":"deny"}]}""", Action);
        Assert.Equal("Careful: Deny any action whose amount is over 1", decision.Reasons[0].Text);
    }

    private static readonly SessionFacts Facts = new("s-1")
    {
        CostUsd = 0.5m, Turns = 7, Steps = 8, ToolCalls = 9, ContextTokens = null, AgeSeconds = 60, ToolsUsed = ["read_email"],
    };

    private static Verdict Decide(string condition) =>
        Gate.Decide([Policies.Fleet(Policy(condition))], Policies.Action(Action), Facts, Policies.Noonish).Verdict;

    private static string Leaf(string field, string op, string value) => $$"""{"field":"{{field}}","op":"{{op}}","value":{{value}}}""";

    private static string Policy(string condition) => $$"""
        {"autonomy":"autonomous","time_zone":"America/New_York","tools":[{"name":"Read_Email","labels":["untrusted"]}],
         "rules":[{"id":"r","name":"Careful","when":{{condition}},"then":"deny"}]}
        """;
}
