using System.Text.Json.Nodes;
using Handrail.Client;
using Handrail.Policy;
using Handrail.Simulator.Playing;

namespace Handrail.Simulator.Agents;

/// <summary>Reads what a policyholder sent in, looks up the cover, and proposes a payout or an adjuster.</summary>
internal sealed class ClaimsTriage : AgentScript
{
    private static readonly AgentIdentity Self = new(
        "claims-triage", "0.9.3", "openai", "gpt-5.4",
        "You triage household claims. Establish what happened, whether it is covered and what it is worth; propose a payout only where documents support it.");

    private static readonly Claim[] Claims =
    [
        new("Bicycle stolen from a locked cellar", "theft", 260.00m, 0.93, ["Police report 24-1187", "Purchase receipt, 260.00 USD", "Photo of the broken lock"], "12.3 Theft after forced entry is covered up to the sum insured."),
        new("Washing machine hose burst", "water", 1_480.00m, 0.89, ["Plumber's report", "Estimate for the floor, 1,480.00 USD", "Twelve photos"], "9.1 Mains water damage is covered; wear of the appliance is not."),
        new("Window broken by hail", "storm", 145.00m, 0.96, ["Glazier's invoice, 145.00 USD", "Weather record of the day"], "10.2 Hail is covered from wind force 8 or with a weather record."),
        new("Laptop dropped on the stairs", "accident", 890.00m, 0.71, ["Repair refusal of the maker", "Receipt, three years old"], "14.5 Accidental damage is covered only with the gadget option."),
        new("Smoke damage in the kitchen", "fire", 3_150.00m, 0.82, ["Fire brigade's note", "Painter's estimate, 3,150.00 USD", "Inventory of the contents"], "8.1 Fire and smoke are covered, gross negligence excepted."),
        new("Freezer contents spoiled in a power cut", "power", 118.00m, 0.94, ["Utility's outage notice", "List of the contents, 118.00 USD"], "11.4 Spoiled food after a public outage is covered up to 200 USD."),
    ];

    public override IReadOnlyList<AgentIdentity> Agents => [Self];

    public override JsonObject Policy => Policies.Parse("""
        {
          "autonomy": "bounded",
          "limits": [
            {"type": "claims.pay", "max_amount": 300, "currency": "USD", "min_confidence": 0.85, "max_total": 600, "per": "session"},
            {"type": "claims.pay", "category": "water", "max_amount": 150, "currency": "USD", "min_confidence": 0.9}
          ],
          "actions": [{"type": "claims.assign_adjuster", "autonomy": "autonomous"}],
          "rules": [
            {"id": "failed-check", "name": "A check failed", "applies_to": ["claims.pay"],
             "when": {"all": [{"field": "checks.failed", "op": "gt", "value": 0}]},
             "then": "review", "message": "One of the agent's own checks failed"}
          ],
          "tools": [{"name": "pay_claim", "risk": "irreversible"}, {"name": "read_document", "labels": ["untrusted"]}],
          "review": {"timeout_seconds": 14400, "on_timeout": "escalate", "escalate_to": "Owner", "approvals": 1}
        }
        """);

    public override Opening Open(Casting casting)
    {
        var easy = Claims.Where(claim => !casting.EasyOnly || claim.IsEasy).ToList();
        var claim = casting.First ? Claims[1] : casting.Next(easy, further: 1);
        return new Opening(
            $"policyholder-{casting.Random.Next(1000, 9999)}", claim.Title, new JsonObject { ["claim"] = $"CL-{casting.Random.Next(100_000, 999_999)}", ["peril"] = claim.Peril });
    }

    public override async Task<Outcome> PlayAsync(Run run)
    {
        var claim = Array.Find(Claims, known => known.Title == run.Opening.Title)!;
        var number = (string)run.Opening.Metadata!["claim"]!;
        await run.TurnAsync(Self, $"Read in claim {number}: {claim.Title}.", turn => ReadAsync(turn, number, claim));
        await run.RestAsync(1, 2.5);

        if (claim.Confidence < 0.75)
        {
            await run.TurnAsync(Self, $"What is to be done with {number}?", async turn =>
            {
                await turn.ThinkAsync("The documents do not carry a payout. An adjuster should look at the item first.", 2, reasoning: 300);
                await turn.ActAsync(
                    new AgentAction
                    {
                        Type = "claims.assign_adjuster",
                        Tool = "assign_adjuster",
                        Summary = $"Send an adjuster for {number}: {claim.Title}",
                        Confidence = 0.9,
                        Arguments = new JsonObject { ["claim"] = number, ["region"] = "north" },
                        Risk = ActionRisk.Reversible,
                    },
                    _ => new JsonObject { ["adjuster"] = "K. Osei", ["visit"] = "within 5 days" });
            });
            return new Outcome(SessionOutcome.Completed, $"{number} handed to an adjuster", Units: new ProducedUnits("claim", 1));
        }

        var decision = default(ActionDecision);
        await run.TurnAsync(Self, $"What is to be paid on {number}?", async turn => decision = await PayAsync(turn, number, claim));
        return decision!.Proceed
            ? new Outcome(SessionOutcome.Completed, $"{number} paid with {decision.Amount:0.00} USD", new Money(decision.Amount ?? claim.Amount, "USD"), new ProducedUnits("claim", 1))
            : new Outcome(SessionOutcome.Completed, $"{number} was not paid: {decision.Status}", Units: new ProducedUnits("claim", 1));
    }

    private static async Task ReadAsync(Turn turn, string number, Claim claim)
    {
        var run = turn.Run;
        await turn.ToolAsync("list_documents", new JsonObject { ["claim"] = number }, new JsonArray([.. claim.Documents.Select(document => JsonValue.Create(document))]), 0.5);
        foreach (var document in claim.Documents)
        {
            if (run.Chance(0.08))
            {
                await turn.FailingToolAsync("read_document", new JsonObject { ["claim"] = number, ["document"] = document }, "unreadable", "The scan has no text layer and could not be recognised");
            }

            await turn.ToolAsync("read_document", new JsonObject { ["claim"] = number, ["document"] = document }, new JsonObject { ["pages"] = 2, ["summary"] = document }, 1.1);
        }

        await run.Session.AddCostAsync(
            new CostEvent { Kind = CostKind.Tool, Name = "document-recognition", Amount = 0.02m * claim.Documents.Count, Metadata = new JsonObject { ["pages"] = 2 * claim.Documents.Count } }, run.Token);
        await turn.ThinkAsync($"{claim.Title}. Documents: {string.Join("; ", claim.Documents)}. They agree on date and place.", 2.4, read: 1_800 * claim.Documents.Count, reasoning: 350);
        await turn.RetrieveAsync("household-conditions", $"{claim.Peril} cover", [claim.Clause, "3.2 The policyholder proves the amount by receipt or estimate."], 0.7);
        if (run.Chance(0.07))
        {
            await turn.OverloadedAsync();
        }

        await turn.ThinkAsync($"Cover: {claim.Clause} The amount claimed is {claim.Amount:0.00} USD.", 2.2, reasoning: 420);
    }

    private static async Task<ActionDecision> PayAsync(Turn turn, string number, Claim claim)
    {
        await turn.ToolAsync("get_cover", new JsonObject { ["claim"] = number }, new JsonObject { ["in_force"] = true, ["excess"] = 0, ["sum_insured"] = 40_000 }, 0.7);
        var wear = claim.Peril is "water" or "fire";
        var decision = await turn.ActAsync(
            new AgentAction
            {
                Type = "claims.pay",
                Tool = "pay_claim",
                Summary = $"Pay {claim.Amount:0.00} USD on {number}: {claim.Title}",
                Amount = claim.Amount,
                Currency = "USD",
                Category = claim.Peril,
                Confidence = claim.Confidence,
                Reasoning = $"{claim.Clause} Premium paid, cover in force on the day, {claim.Documents.Count} documents agree.",
                Citations = [new("Household conditions", "https://handbook.example.com/household", claim.Clause)],
                Arguments = new JsonObject { ["claim"] = number, ["amount"] = claim.Amount, ["account"] = "on file" },
                Risk = ActionRisk.Irreversible,
                Checks = [new("cover_in_force", true), new("no_earlier_claim_for_same_event", true), new("depreciation_applied", !wear, wear ? "The estimate is for new material" : "Receipt under two years old")],
            },
            arguments => new JsonObject { ["payment"] = $"PM-{turn.Run.Random.Next(10_000, 99_999)}", ["amount"] = arguments["amount"]?.DeepClone() });
        await turn.ThinkAsync(
            decision.Proceed
                ? $"Claim {number} is settled with {decision.Amount:0.00} USD; the policyholder is told."
                : $"Claim {number} stays open: {decision.Note ?? (decision.Reasons.Count > 0 ? decision.Reasons[0].Text : "not decided")}.",
            1.2);
        return decision;
    }

    private sealed record Claim(string Title, string Peril, decimal Amount, double Confidence, IReadOnlyList<string> Documents, string Clause)
    {
        /// <summary>Inside the starting policy's limits, or nothing to pay.</summary>
        public bool IsEasy => Confidence < 0.75 || (Amount <= 300 && Confidence >= 0.85 && Peril is not ("water" or "fire"));
    }
}
