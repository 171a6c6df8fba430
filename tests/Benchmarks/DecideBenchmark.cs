using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Handrail.Policy;

namespace Handrail.Benchmarks;

/// <summary>
/// The gate's one pure function over a policy of 100 rules and 100 limits: how long a decision takes, and how much memory beside that of its result. A comparison of two
/// policies over 100,000 actions; a proof of 5 guarantees over 20 rules and 20 limits.
/// </summary>
internal static class DecideBenchmark
{
    private const int Warm = 20_000;
    private const int Decisions = 200_000;
    private static readonly DateTimeOffset At = new(2026, 1, 14, 14, 30, 0, TimeSpan.Zero);

    private static readonly SessionFacts Facts = new("s-1") { CostUsd = 0.4m, Turns = 3, Steps = 9, ToolCalls = 4, ContextTokens = 4_000, AgeSeconds = 30, ToolsUsed = ["read_email"] };

    public static void Run()
    {
        Console.WriteLine("decide: 100 rules, 100 limits");
        var spread = new PolicyLayer(PolicyLayer.Fleet, 1, Document(rules: 100, limits: 100, types: 10));
        var together = new PolicyLayer(PolicyLayer.Fleet, 1, Document(rules: 100, limits: 100, types: 1));
        var agent = new PolicyLayer(PolicyLayer.Agent, 1, PolicyDocument.AgentDefault);
        Measure("rules spread over 10 types, let go", [spread, agent], Action("expense.t0", 12, "Vendor 7"));
        Measure("all rules look at the action, let go", [together, agent], Action("expense.t0", 12, "Vendor 7"));
        Measure("all rules look at the action, over its limit", [together, agent], Action("expense.t0", 5_000, "Vendor 7"));
        Measure("all rules look at the action, denied by one", [together, agent], Action("expense.t0", 12, "Bad Vendor 32"));
        Compare(spread, agent);
        Prove();
    }

    private static void Measure(string what, IReadOnlyList<PolicyLayer> layers, ActionRequest action)
    {
        PolicyDecision decision = null!;
        for (var i = 0; i < Warm; i++) decision = Gate.Decide(layers, action, Facts, At);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Decisions; i++) decision = Gate.Decide(layers, action, Facts, At);
        watch.Stop();
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Decisions;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {what,-46} {watch.Elapsed.TotalMicroseconds / Decisions,6:0.00} µs  {allocated,6:0} B allocated, {SizeOf(decision),6:0} B of it the result ({decision.Verdict}, {decision.Reasons.Count} reasons)"));
    }

    /// <summary>What a result takes, by copying one with all of its texts.</summary>
    private static double SizeOf(PolicyDecision decision)
    {
        const int Copies = 1_000;
        var kept = new object[Copies];
        for (var i = 0; i < 10; i++) Copy(decision);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Copies; i++) kept[i] = Copy(decision);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Copies;

        static PolicyDecision Copy(PolicyDecision decision)
        {
            var reasons = new Reason[decision.Reasons.Count];
            for (var i = 0; i < reasons.Length; i++) reasons[i] = decision.Reasons[i] with { Text = new string(decision.Reasons[i].Text) };
            return decision with { Reasons = reasons, Review = decision.Review with { } };
        }
    }

    private static void Compare(PolicyLayer now, PolicyLayer agent)
    {
        var draft = new PolicyLayer(PolicyLayer.Fleet, 2, now.Document.WithMaxAmount("expense.t0", null, null, 20, "USD"));
        var actions = Enumerable.Range(0, 100_000)
            .Select(i => new RecordedAction(Action($"expense.t{i % 10}", i % 90, $"Vendor {i % 50}"), Facts, At, Verdict.Allow) { People = i % 3 == 0 ? PeopleDecision.Approved : null }).ToList();
        PolicyComparison.Run([now, agent], [draft, agent], actions);
        var watch = Stopwatch.StartNew();
        var result = PolicyComparison.Run([now, agent], [draft, agent], actions);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"compare: {result.Actions:#,##0} actions in {watch.Elapsed.TotalMilliseconds:0} ms, {result.Changed:#,##0} changed"));
    }

    private static void Prove()
    {
        var guarded = Document(rules: 20, limits: 20, types: 4) with
        {
            Guarantees =
            [
                .. Enumerable.Range(0, 5).Select(i => new Guarantee($"g{i}", i == 0
                    ? new Comparison("vendor", Operator.In, [Policy.Scalar.Of("Bad Vendor 0"), Policy.Scalar.Of("Bad Vendor 4")]) { IgnoreMissing = true }
                    : new AllOf([new Comparison("type", Operator.Glob, [Policy.Scalar.Of("expense.*")]), new Comparison("amount", Operator.Gt, [Policy.Scalar.Of(1_000m * i)])]))),
            ],
        };
        PolicyLayer[] layers = [new(PolicyLayer.Fleet, 1, guarded), new(PolicyLayer.Agent, 1, PolicyDocument.AgentDefault)];
        Prover.Prove(layers, "desk", At);
        var watch = Stopwatch.StartNew();
        var proofs = Prover.Prove(layers, "desk", At);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"prove: 5 guarantees over 20 rules and 20 limits in {watch.Elapsed.TotalMilliseconds:0.0} ms, {proofs.Count(proof => proof.Outcome == ProofOutcome.Proven)} proven"));
    }

    /// <summary>Half of the limits by vendor, half of the rules over a list of vendors, the others over figures.</summary>
    private static PolicyDocument Document(int rules, int limits, int types) => new()
    {
        Autonomy = Autonomy.Bounded,
        Limits =
        [
            .. Enumerable.Range(0, limits).Select(i => new Limit
            {
                Type = $"expense.t{i % types}", Vendor = i < types ? null : $"Vendor {i}", MaxAmount = i < types ? 50 : 100 + i, Currency = "USD", MinConfidence = 0.5m,
            }),
        ],
        Rules =
        [
            .. Enumerable.Range(0, rules).Select(i => new Rule($"r{i}", Described(i), i % 2 == 0 ? RuleOutcome.Deny : RuleOutcome.Review) { AppliesTo = [$"expense.t{i % types}"] }),
        ],
    };

    private static Condition Described(int i) => (i % 4) switch
    {
        0 => new Comparison("vendor", Operator.In, [Policy.Scalar.Of($"Bad Vendor {i}"), Policy.Scalar.Of($"Bad Vendor {i + 1}")]),
        1 => new AllOf([new Comparison("amount", Operator.Gt, [Policy.Scalar.Of(9_000m + i)]), new Comparison("category", Operator.Eq, [Policy.Scalar.Of("travel")])]),
        2 => new Comparison("session.turns", Operator.Gt, [Policy.Scalar.Of(100m + i)]),
        _ => new AnyOf([new Comparison("vendor", Operator.Eq, [Policy.Scalar.Of($"Bad Vendor {i}")]), new Comparison("arguments.lines", Operator.Gt, [Policy.Scalar.Of(500m)])]),
    };

    private static ActionRequest Action(string type, decimal amount, string vendor) => new("a-1", "desk", type)
    {
        Amount = amount, Currency = "USD", Vendor = vendor, Category = "Meals", Confidence = 0.93m, Tool = "approve_expense", User = "u-42",
        Arguments = JsonElement.Parse("""{"expense_id":"e-9","lines":3}"""),
    };
}
