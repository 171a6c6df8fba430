using System.Globalization;
using System.Text.Json.Nodes;
using Handrail.Client;
using Handrail.Policy;
using Handrail.Simulator.Playing;

namespace Handrail.Simulator.Agents;

/// <summary>Goes through expense reports: small ones by itself, larger or doubtful ones to a person, blocked vendors not at all.</summary>
internal sealed class ExpenseApprover : AgentScript
{
    private static readonly AgentIdentity Self = new(
        "expense-approver", "1.4.2", "openai", "gpt-5.4",
        "You check employee expenses against the travel and expense policy. Approve what is inside it, ask where you are not sure, and always cite the paragraph you rely on.");

    private static readonly Receipt[] Easy =
    [
        new("Blue Door Cafe", "meals", 18.40m, 0.96, "Lunch between two client visits"),
        new("Corner Bistro", "meals", 22.75m, 0.93, "Dinner, late shift at the data centre"),
        new("Harbor Taxi", "ground_transport", 31.50m, 0.94, "Station to client office and back"),
        new("Paperworks Office Supply", "office", 46.90m, 0.91, "Toner and flip-chart paper"),
        new("Delta", "airfare", 438.60m, 0.95, "Return flight, Q3 supplier audit"),
        new("Northside Parking", "ground_transport", 14.00m, 0.97, "Parking during the training day"),
    ];

    private static readonly Receipt[] ForPeople =
    [
        new("Blue Door Cafe", "meals", 48.20m, 0.93, "Team lunch, four people, project kick-off"),
        new("Grand Meridian Hotel", "lodging", 312.00m, 0.92, "Two nights, customer workshop"),
        new("Delta", "airfare", 612.90m, 0.94, "Flight rebooked on the day of travel"),
        new("Harbor Taxi", "ground_transport", 27.00m, 0.61, "Receipt partly illegible"),
        new("Stellar Cloud Hosting", "software", 189.00m, 0.88, "Test environment, one month"),
        new("Corner Bistro", "meals", 136.50m, 0.84, "Dinner with a customer, three guests named"),
    ];

    private static readonly Receipt[] Blocked =
    [
        new("Casino Royale", "entertainment", 240.00m, 0.90, "Described as team event"),
        new("Coinhub", "other", 95.00m, 0.86, "Described as payment fee"),
    ];

    private static readonly string[] Employees = ["ines.moreau", "tomas.lindqvist", "priya.raman", "george.addo", "hanna.weiss", "luca.ferri"];

    public override IReadOnlyList<AgentIdentity> Agents => [Self];

    public override int Weight => 4;

    public override JsonObject Policy => Policies.Parse("""
        {
          "autonomy": "bounded",
          "actions": [{"type": "expense.approve", "autonomy": "bounded"}, {"type": "expense.export", "autonomy": "suggest"}],
          "limits": [
            {"type": "expense.approve", "max_amount": 50, "currency": "USD", "min_confidence": 0.8, "max_total": 1000, "per": "session"},
            {"type": "expense.approve", "category": "meals", "max_amount": 25, "currency": "USD", "min_confidence": 0.8},
            {"type": "expense.approve", "vendor": "Delta", "max_amount": 500, "currency": "USD", "min_confidence": 0.8}
          ],
          "rules": [
            {"id": "blocked-vendors", "name": "Blocked vendors", "applies_to": ["expense.*"],
             "when": {"all": [{"field": "vendor", "op": "in", "value": ["Casino Royale", "Coinhub"]}]},
             "then": "deny", "message": "This vendor is blocked by Finance"}
          ],
          "tools": [{"name": "approve_expense", "risk": "external"}],
          "review": {"timeout_seconds": 14400, "on_timeout": "reject", "escalate_to": "Owner", "approvals": 1, "forbid_self_approval": true}
        }
        """);

    public override Opening Open(Casting casting)
    {
        var report = casting.Random.Next(2200, 9800);
        var employee = Employees[casting.Random.Next(Employees.Length)];
        return new Opening(employee, $"Expense report ER-{report} of {employee}", new JsonObject { ["report"] = $"ER-{report}" });
    }

    public override async Task<Outcome> PlayAsync(Run run)
    {
        var report = (string)run.Opening.Metadata!["report"]!;
        var receipts = Choose(run);
        var approved = 0m;
        var handled = 0;
        foreach (var (receipt, at) in receipts.Select((receipt, at) => (receipt, at)))
        {
            await run.TurnAsync(Self, $"Check item {at + 1} of {receipts.Count} on expense report {report}.", async turn =>
            {
                var decision = await HandleAsync(turn, report, at, receipt);
                approved += decision.Proceed ? decision.Amount ?? 0 : 0;
                handled++;
            });
            await run.RestAsync(1, 3);
        }

        return new Outcome(
            SessionOutcome.Completed,
            $"{handled} items of {report} checked, {Money(approved)} approved",
            new Money(approved, "USD"),
            new ProducedUnits("expense", handled));
    }

    private static async Task<ActionDecision> HandleAsync(Turn turn, string report, int at, Receipt receipt)
    {
        var run = turn.Run;
        var expense = $"{report}-{at + 1}";
        await turn.ToolAsync(
            "get_expense",
            new JsonObject { ["expense_id"] = expense },
            new JsonObject { ["vendor"] = receipt.Vendor, ["category"] = receipt.Category, ["claimed"] = receipt.Amount, ["currency"] = "USD", ["note"] = receipt.Note },
            run.Casting.First ? 0.3 : 0.6);
        if (run.Chance(0.06))
        {
            await turn.FailingToolAsync("read_receipt", new JsonObject { ["expense_id"] = expense }, "timeout", "The receipt store did not answer within 5 s");
        }

        await turn.ToolAsync(
            "read_receipt",
            new JsonObject { ["expense_id"] = expense },
            new JsonObject { ["total"] = receipt.Amount, ["merchant"] = receipt.Vendor, ["legibility"] = receipt.Confidence },
            run.Casting.First ? 0.4 : 1.1);
        await run.Session.AddCostAsync(new CostEvent { Kind = CostKind.Tool, Name = "receipt-ocr", Amount = 0.015m }, run.Token);
        await turn.RetrieveAsync("expense-policy", $"{receipt.Category} limit", [Paragraph(receipt.Category)]);
        await turn.ThinkAsync(Reasoning(receipt), run.Casting.First ? 0.8 : 1.8, reasoning: 120 + run.Random.Next(200));
        var decision = await turn.ActAsync(
            new AgentAction
            {
                Type = "expense.approve",
                Tool = "approve_expense",
                Summary = $"Approve {Money(receipt.Amount)}, {receipt.Vendor}: {receipt.Note}",
                Amount = receipt.Amount,
                Currency = "USD",
                Vendor = receipt.Vendor,
                Category = receipt.Category,
                Confidence = receipt.Confidence,
                Reasoning = Reasoning(receipt),
                Citations = [new("Travel and expense policy", "https://handbook.example.com/expenses", Paragraph(receipt.Category))],
                Arguments = new JsonObject { ["expense_id"] = expense, ["approved_amount"] = receipt.Amount, ["cost_centre"] = "4100" },
                Risk = ActionRisk.External,
                Checks =
                [
                    new("receipt_total_matches", receipt.Confidence >= 0.8, $"{Money(receipt.Amount)} claimed, {(receipt.Confidence >= 0.8 ? Money(receipt.Amount) : "not legible")} on the receipt"),
                    new("not_claimed_before", true, "No other expense with this merchant, day and amount"),
                ],
            },
            arguments => run.Chance(0.04)
                ? throw new SimulatedFailureException("conflict", "The ledger period is closed for postings")
                : new JsonObject { ["posted"] = true, ["expense_id"] = arguments["expense_id"]?.DeepClone(), ["amount"] = arguments["approved_amount"]?.DeepClone() });
        await turn.ThinkAsync(Answer(receipt, decision), 0.9);
        return decision;
    }

    private static List<Receipt> Choose(Run run)
    {
        if (run.Casting.First)
        {
            // The newcomer's handoff: over the meal limit, and everything about it in order.
            return [ForPeople[0], run.Pick(Easy)];
        }

        return [.. Enumerable.Range(0, run.Random.Next(2, 6)).Select(at => run.Random.NextDouble() switch
        {
            < 0.07 => run.Pick(Blocked),
            < 0.30 when !run.Casting.EasyOnly => run.Casting.Next(ForPeople, at),
            _ => run.Pick(Easy),
        })];
    }

    private static string Paragraph(string category) => category switch
    {
        "meals" => "4.2 Meals are reimbursed up to 50 USD a day; above 25 USD the manager or Finance confirms.",
        "lodging" => "5.1 Hotels up to 180 USD a night; the booking confirmation is attached.",
        "airfare" => "3.3 Economy fares on the negotiated carriers; rebooking needs a reason.",
        "ground_transport" => "3.7 Taxi, parking and public transport against a legible receipt.",
        "software" => "8.4 Subscriptions are bought through Procurement; exceptions are approved one by one.",
        "office" => "8.1 Consumables up to 50 USD without a purchase order.",
        _ => "1.5 Entertainment, gambling and crypto-currency are not reimbursed.",
    };

    private static string Reasoning(Receipt receipt) =>
        receipt.Confidence < 0.8
            ? $"The receipt from {receipt.Vendor} is hard to read, so the total of {Money(receipt.Amount)} rests on the employee's own entry. {receipt.Note}."
            : $"{receipt.Note}. The receipt shows {Money(receipt.Amount)} at {receipt.Vendor} and agrees with the claim. {Paragraph(receipt.Category)}";

    private static string Answer(Receipt receipt, ActionDecision decision) => decision switch
    {
        { Proceed: true, Edited: true } => $"{receipt.Vendor} was approved with {Money(decision.Amount ?? receipt.Amount)} instead of {Money(receipt.Amount)}.",
        { Proceed: true } => $"{receipt.Vendor}, {Money(receipt.Amount)}: approved and posted.",
        { Status: ActionStatus.Rejected } => $"{receipt.Vendor} was not approved: {decision.Note ?? "no reason given"}. The employee is told.",
        _ => $"{receipt.Vendor} is not reimbursed: {(decision.Reasons.Count > 0 ? decision.Reasons[0].Text : decision.Status.ToString())}.",
    };

    private static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture) + " USD";

    private sealed record Receipt(string Vendor, string Category, decimal Amount, double Confidence, string Note);
}
