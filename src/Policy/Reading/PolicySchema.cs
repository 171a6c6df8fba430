using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using static Handrail.Policy.SchemaWords;

namespace Handrail.Policy;

/// <summary>
/// The form of a document as JSON Schema 2020-12, for editors and for whoever generates policies. It takes every document that <see cref="PolicyDocument.Parse(string)"/>
/// takes. Parsing knows more: names given twice, zones that don't exist, numbers out of range.
/// </summary>
public static class PolicySchema
{
    /// <summary>The schema as JSON text.</summary>
    public static string Json { get; } = Schema().ToJsonString(new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static JsonObject Schema()
    {
        var schema = Object(
            ("autonomy", Word<Autonomy>().Saying("The level of every action type that actions doesn't name; suggest when absent.")),
            ("actions", List(Level()).Saying("Levels of single action types; the longest match wins.")),
            ("limits", List(Limit()).Saying("How far actions go without a person; the most specific one alone counts.")),
            ("rules", List(Rule()).Saying("What holds actions back. A rule never loosens.")),
            ("breakers", List(Breaker()).Saying("Figures at which a session, an agent or the fleet is halted.")),
            ("tools", List(Tool()).Saying("What is known of single tools.")),
            ("taint", List(TaintRow()).Saying("Which labels of used tools block which labels of further tools.")),
            ("review", Review().Saying("How people decide what comes to them.")),
            ("guarantees", List(Guarantee()).Saying("What must never go without a person; proven when a policy is published.")),
            ("offline", Object(("mode", Word<OfflineMode>()), ("max_age_seconds", Whole(least: 0))).Saying("What a client answers that can't reach the console.")),
            ("silence_seconds", Whole(least: 1).Saying("After how many seconds without a sign of life a session counts as lost.")),
            ("time_zone", Text().Saying("IANA name of the zone in which hours, weekdays and budget periods are meant; UTC when absent.")));
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Handrail policy");
        schema["$defs"] = Definitions();
        return schema;
    }

    private static JsonObject Level() => Object(("type!", TypePattern()), ("autonomy!", Word<Autonomy>()));

    private static JsonObject Limit() => Object(
        ("type", TypePattern()),
        ("category", Text()),
        ("vendor", Text()),
        ("max_amount", Number()),
        ("currency", Currency()),
        ("min_confidence", Number(most: 1)),
        ("max_total", Number()),
        ("per", Word<BudgetPeriod>()),
        ("until", Text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$").Saying("The last day, in the policy's time zone, on which it lets anything go."))).Also(
            IfThen("max_amount", Type("number"), "currency", Type("string")),
            IfThen("max_total", Type("number"), "currency", Type("string")),
            IfThen("max_total", Type("number"), "per", Type("string")),
            IfThen("per", Type("string"), "max_total", Type("number")));

    private static JsonObject Rule() => Object(
        ("id!", Text()),
        ("name", Text()),
        ("applies_to", List(TypePattern())),
        ("when!", AnyCondition()),
        ("then!", Word<RuleOutcome>()),
        ("message", Text()));

    private static JsonObject Breaker()
    {
        var breaker = Object(
            ("id!", Text()),
            ("scope!", Word<BreakerScope>()),
            ("metric!", Word<BreakerMetric>()),
            ("window", Text("^0*[1-9][0-9]{0,6}[mhd]$")),
            ("limit!", Number()),
            ("currency", Currency()),
            ("then!", Word<BreakerOutcome>()));
        var ofAmounts = IfThen("metric", Constant(BreakerMetric.AllowedAmount.Word()), "currency", Type("string"));
        ofAmounts["else"] = new JsonObject { ["properties"] = new JsonObject { ["currency"] = Type("null") } };
        return breaker.Also(
            IfThen("scope", OneOf([BreakerScope.Agent.Word(), BreakerScope.Fleet.Word()]), "window", Type("string")),
            ofAmounts);
    }

    private static JsonObject Tool() => Object(
        ("name!", Text()),
        ("labels", List(Text())),
        ("enabled", Flag()),
        ("risk", Word<Risk>()),
        ("mask", Object(("show", List(Text())), ("fix", Type("object")))));

    private static JsonObject TaintRow() => Object(("when!", List(Text(), least: 1)), ("block!", List(Text(), least: 1)));

    private static JsonObject Review() => Object(
        ("timeout_seconds", Whole(least: 1)),
        ("on_timeout", Word<TimeoutOutcome>()),
        ("escalate_to", Text()),
        ("approvals", Whole(least: 1)),
        ("two_person_over", Object(("amount!", Number()), ("currency!", Currency()))),
        ("two_person_risk", Word<Risk>()),
        ("forbid_self_approval", Flag()),
        ("sample_rate", Number(most: 1))).Also(
            IfThen("on_timeout", Constant(TimeoutOutcome.Escalate.Word()), "escalate_to", Type("string")));

    private static JsonObject Guarantee() => Object(("id!", Text()), ("text", Text()), ("never_allow!", AnyCondition()));

    private static JsonObject AnyCondition() => Reference(ConditionName(Condition.MaxDepth));

    /// <summary>A condition for each depth that is left, so that the schema bounds the nesting as the reader does.</summary>
    private static JsonObject Definitions()
    {
        var definitions = new JsonObject { ["comparison"] = Comparison() };
        for (var depth = 0; depth <= Condition.MaxDepth; depth++)
        {
            definitions[ConditionName(depth)] = depth == 0 ? Reference("comparison") : AnyOf(
                Object(("all!", List(Inner(depth)))),
                Object(("any!", List(Inner(depth), least: 1))),
                Object(("not!", Inner(depth))),
                Reference("comparison"));
        }

        return definitions;

        static JsonObject Inner(int depth) => Reference(ConditionName(depth - 1));
    }

    private static string ConditionName(int depth) => string.Create(CultureInfo.InvariantCulture, $"condition_{depth}_deep");

    private static JsonObject Comparison()
    {
        var scalar = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") };
        return AnyOf(
            Comparing([Operator.Eq, Operator.Ne], "value!", scalar),
            Comparing([Operator.Gt, Operator.Gte, Operator.Lt, Operator.Lte], "value!", Type("number")),
            Comparing([Operator.In, Operator.NotIn], "value!", List((JsonObject)scalar.DeepClone())),
            Comparing([Operator.Contains], "value!", AnyOf(Text(), Type("number"), Flag())),
            Comparing([Operator.Glob], "value!", Text()),
            Comparing([Operator.Exists], "value", Flag()));
    }

    private static JsonObject Comparing(IEnumerable<Operator> operators, string valueName, JsonObject value) => Object(
        ("field!", AnyOf(OneOf(Fields.Names), Text(@"^arguments(\.[^.]+)+$"))),
        ("op!", OneOf(operators.Select(Words.Word))),
        (valueName, value),
        ("missing", Constant("ignore")));

    private static JsonObject Constant(string word) => OneOf([word]);

    private static JsonObject TypePattern() => Text(@"^[^*]+(\.\*)?$");

    private static JsonObject Currency() => Text("^[A-Za-z]{3}$");
}
