using System.Text.Json;
using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>Random policies, actions and facts, small in their words so that they meet each other often.</summary>
internal static class AnyPolicy
{
    private static readonly Gen<string> Type = Gen.OneOfConst("expense.approve", "expense.export", "refund", "EMAIL.send");
    private static readonly Gen<string> TypePattern = Gen.OneOfConst("expense.approve", "Expense.Export", "refund", "email.send", "expense.*", "expense.approve.*", "email.*");
    private static readonly Gen<string> Vendor = Gen.OneOfConst("Delta", "Straße 9", "STRASSE  9", "Blue Door", "blue  DOOR ", "ﬁne dining", "Соinhub");
    private static readonly Gen<string> Category = Gen.OneOfConst("meals", "Travel", "software");
    private static readonly Gen<string> Currency = Gen.FrequencyConst((5, "USD"), (1, "EUR"));
    private static readonly Gen<string> Tool = Gen.OneOfConst("read_email", "query_ledger", "send_slack", "delete_ledger");
    private static readonly Gen<string> Label = Gen.OneOfConst("untrusted", "sensitive", "external");
    private static readonly Gen<decimal> Amount = Gen.Int[0, 480].Select(quarters => quarters / 4m);
    private static readonly Gen<decimal> Share = Gen.Int[0, 10].Select(tenths => tenths / 10m);

    public static readonly Gen<Autonomy> Level = Gen.FrequencyConst(
        (1, Autonomy.Off), (1, Autonomy.Shadow), (2, Autonomy.Suggest), (5, Autonomy.Bounded), (6, Autonomy.Autonomous));

    private static readonly Gen<ActionLevel> ActionLevel = Gen.Select(TypePattern, Level, (type, level) => new ActionLevel(type, level));

    private static readonly Gen<Limit> Limit =
        from keys in Gen.Select(TypePattern.Null(0.3), Category.Null(0.6), Vendor.Null(0.6))
        from most in Gen.Nullable(Amount, 0.2)
        from currency in Currency
        from confidence in Gen.Nullable(Share, 0.5)
        from total in Gen.Nullable(Amount, 0.7)
        from per in Gen.Enum<BudgetPeriod>()
        from until in Gen.Nullable(Gen.Int[-1, 9].Select(days => DateOnly.FromDateTime(Policies.Noonish.DateTime).AddDays(days)), 0.8)
        select new Limit
        {
            Type = keys.Item1,
            Category = keys.Item2,
            Vendor = keys.Item3,
            MaxAmount = most,
            Currency = most is null && total is null ? null : currency,
            MinConfidence = confidence,
            MaxTotal = total,
            Per = total is null ? null : per,
            Until = until,
        };

    private static readonly Gen<Comparison> Comparison =
        from known in Gen.OneOf(
            Gen.Select(Gen.OneOfConst("amount", "confidence", "citations.count", "checks.failed", "arguments.order.lines", "session.turns", "hour", "vendor"), Gen.OneOfConst(Operator.Gt, Operator.Gte, Operator.Lt, Operator.Lte), Gen.Int[0, 100].Select(number => Scalar.Of((decimal)number)).Array[1]),
            Gen.Select(Gen.OneOfConst("vendor", "category", "type", "user", "tool", "risk", "arguments.order.note", "amount"), Gen.OneOfConst(Operator.Eq, Operator.Ne, Operator.Contains, Operator.Glob), Gen.OneOfConst("Delta", "MEALS", "expense.*", "ann", "*9", "irreversible").Select(Scalar.Of).Array[1]),
            Gen.Select(Gen.Const("session.taint"), Gen.Const(Operator.Contains), Label.Select(Scalar.Of).Array[1]),
            Gen.Select(Gen.Const("risk"), Gen.OneOfConst(Operator.Eq, Operator.Ne), Gen.Enum<Risk>().Select(risk => Scalar.Of(risk.Word())).Array[1]),
            Gen.Select(Gen.Const("weekday"), Gen.OneOfConst(Operator.Eq, Operator.Ne), Gen.OneOfConst("wednesday", "sunday").Select(Scalar.Of).Array[1]),
            Gen.Select(Gen.OneOfConst("vendor", "category", "type", "arguments.order.lines"), Gen.OneOfConst(Operator.In, Operator.NotIn), Gen.OneOf(Vendor.Select(Scalar.Of), Category.Select(Scalar.Of), Gen.Int[0, 5].Select(number => Scalar.Of((decimal)number))).Array[0, 3]),
            Gen.Select(Gen.OneOfConst("vendor", "category", "reasoning", "user", "arguments.order"), Gen.Const(Operator.Exists), Gen.Bool.Select(Scalar.Of).Array[1]))
        from ignore in Gen.FrequencyConst((3, false), (1, true))
        select new Comparison(known.Item1, known.Item2, known.Item3.ToValueList()) { IgnoreMissing = ignore };

    public static readonly Gen<Condition> Condition = Gen.Recursive<Condition>((depth, nested) =>
        depth >= Policy.Condition.MaxDepth
            ? Comparison.Select(comparison => (Condition)comparison)
            : Gen.Frequency(
                (3, Comparison.Select(comparison => (Condition)comparison)),
                (1, nested.Array[0, 3].Select(parts => (Condition)new AllOf(parts.ToValueList()))),
                (1, nested.Array[1, 3].Select(parts => (Condition)new AnyOf(parts.ToValueList()))),
                (1, nested.Select(part => (Condition)new Not(part)))));

    public static readonly Gen<Rule> Rule =
        from id in Gen.Int[0, 1_000_000].Select(number => $"r{number}")
        from applies in TypePattern.Array[0, 2]
        from when in Condition
        from then in Gen.Enum<RuleOutcome>()
        select new Rule(id, when, then) { AppliesTo = applies.ToValueList() };

    private static readonly Gen<ToolEntry> ToolEntry =
        from name in Tool
        from labels in Label.Array[0, 2]
        from enabled in Gen.FrequencyConst((5, true), (1, false))
        from risk in Gen.Nullable(Gen.Enum<Risk>(), 0.5)
        select new ToolEntry(name) { Labels = labels.ToValueList(), Enabled = enabled, Risk = risk };

    private static readonly Gen<TaintRow> TaintRow =
        Gen.Select(Label.Array[1, 2], Label.Array[1, 2], (when, block) => new TaintRow(when.ToValueList(), block.ToValueList()));

    private static readonly Gen<ReviewSettings> Review =
        from approvals in Gen.Nullable(Gen.Int[1, 3])
        from seconds in Gen.Nullable(Gen.Int[1, 100_000])
        from outcome in Gen.Nullable(Gen.Enum<TimeoutOutcome>())
        from over in Gen.Nullable(Amount)
        from sample in Gen.Nullable(Share)
        select new ReviewSettings
        {
            Approvals = approvals,
            TimeoutSeconds = seconds,
            OnTimeout = outcome,
            EscalateTo = outcome == TimeoutOutcome.Escalate ? "Owner" : null,
            TwoPersonOver = over is { } amount ? new(amount, "USD") : null,
            SampleRate = sample,
        };

    public static readonly Gen<PolicyDocument> Document =
        from level in Gen.Nullable(Level, 0.1)
        from actions in ActionLevel.Array[0, 3]
        from limits in Limit.Array[0, 5]
        from rules in Gen.Frequency((2, Rule.Array[0]), (1, Rule.Array[1]), (1, Rule.Array[2, 3]))
        from guards in Gen.Frequency((4, Rule.Array[0]), (1, Rule.Array[1]))
        from tools in ToolEntry.Array[0, 3]
        from taint in TaintRow.Array[0, 1]
        from review in Review
        select new PolicyDocument
        {
            Autonomy = level,
            Actions = actions.DistinctBy(action => ComparableText.Of(action.Type)).ToValueList(),
            Limits = limits.DistinctBy(limit => limit.Key).ToValueList(),
            Rules = rules.DistinctBy(rule => rule.Id).ToValueList(),
            Guarantees = guards.Select(rule => new Guarantee(rule.Id, rule.When)).ToValueList(),
            Tools = tools.DistinctBy(tool => tool.Name).ToValueList(),
            Taint = taint.ToValueList(),
            Review = review,
        };

    private static readonly Gen<Breaker> Breaker =
        from id in Gen.Int[0, 1_000_000].Select(number => $"b{number}")
        from scope in Gen.Enum<BreakerScope>()
        from metric in Gen.Enum<BreakerMetric>()
        from threshold in Amount
        from then in Gen.Enum<BreakerOutcome>()
        from minutes in Gen.Int[1, 3_000]
        select new Breaker(id, scope, metric, threshold, then)
        {
            Window = scope == BreakerScope.Session ? null : TimeSpan.FromMinutes(minutes),
            Currency = metric == BreakerMetric.AllowedAmount ? "EUR" : null,
        };

    private static readonly Gen<ToolMask> Mask =
        from shown in Gen.OneOfConst("channel", "text").Array[0, 2]
        from value in Gen.OneOfConst("false", "1", "\"x\"", "[1,{\"a\":null}]").Null()
        select new ToolMask(shown.ToValueList(), value is null ? [] : [new("as_user", value)]);

    /// <summary>A document with something under every member, also under those that decide nothing.</summary>
    public static readonly Gen<PolicyDocument> Whole =
        from document in Document
        from breakers in Breaker.Array[0, 3]
        from mask in Mask.Null()
        from mode in Gen.Nullable(Gen.Enum<OfflineMode>())
        from seconds in Gen.Nullable(Gen.Int[1, 100_000])
        from zone in Gen.OneOfConst("Europe/Berlin", "UTC").Null()
        select document with
        {
            Breakers = breakers.DistinctBy(breaker => breaker.Id).ToValueList(),
            Tools = document.Tools.Select(tool => tool with { Mask = mask }).ToValueList(),
            Offline = new() { Mode = mode, MaxAgeSeconds = seconds },
            SilenceSeconds = seconds,
            TimeZone = zone,
        };

    public static readonly Gen<ActionRequest> Action =
        from id in Gen.Int[0, 1_000_000]
        from type in Type
        from texts in Gen.Select(Vendor.Null(0.2), Category.Null(0.2), Gen.OneOfConst("Anna", "bob").Null(0.3), Tool.Null(0.3), Currency.Null(0.1))
        from amount in Gen.Nullable(Amount, 0.1)
        from confidence in Gen.Nullable(Share, 0.1)
        from citations in Gen.Int[0, 2]
        from risk in Gen.Nullable(Gen.Enum<Risk>(), 0.5)
        from arguments in Gen.OneOfConst("""{"order":{"lines":3,"note":"Delta"}}""", """{"order":{"lines":"many"}}""", """{"order":null}""", "{}", "null")
        select new ActionRequest($"a-{id}", "desk", type)
        {
            Vendor = texts.Item1,
            Category = texts.Item2,
            User = texts.Item3,
            Tool = texts.Item4,
            Currency = texts.Item5,
            Amount = amount,
            Confidence = confidence,
            CitationCount = citations,
            Risk = risk,
            Reasoning = citations == 0 ? null : "because",
            Arguments = JsonElement.Parse(arguments),
        };

    /// <summary>A policy with an action that it lets go or nearly so, and budgets of which half is used.</summary>
    public static readonly Gen<(PolicyDocument Policy, ActionRequest Action)> Meeting = Gen.Select(Document, Action);

    public static readonly Gen<string[]> ToolsUsed = Tool.Array[0, 2];

    /// <summary>Decides with every budget that matters known and partly used.</summary>
    public static PolicyDecision Decide(IReadOnlyList<PolicyLayer> layers, ActionRequest action, SessionFacts? facts = null)
    {
        var budgets = Gate.BudgetsFor(layers, action, Policies.Fresh.SessionId, Policies.Noonish).Distinct().ToDictionary(key => key, _ => 10m);
        return Gate.Decide(layers, action, (facts ?? Policies.Fresh) with { BudgetUsed = budgets }, Policies.Noonish);
    }

    public static PolicyDecision Decide(PolicyDocument policy, ActionRequest action) => Decide(Policies.Layers(policy), action);
}
