using System.Text.Json.Nodes;
using Handrail.Client;
using Handrail.Policy;
using Handrail.Simulator.Playing;

namespace Handrail.Simulator.Agents;

/// <summary>Handles support cases and asks a person where the rules leave room; acts on the answer.</summary>
internal sealed class EscalationBot : AgentScript
{
    private static readonly AgentIdentity Self = new(
        "escalation-bot", "2.1.0", "anthropic", "claude-sonnet-4-5",
        "You handle support cases that the first line could not close. Ask a person whenever the terms leave room for judgement, and never promise what has not been decided.");

    private static readonly Case[] Cases =
    [
        new(
            "Refund after 41 days", "A customer wants 86.00 USD back for headphones bought 41 days ago. The terms allow 30 days; the shop's chat told her on day 28 that she could return them 'any time this month'.",
            "May the refund be paid although the 30 days are over?", 86.00m, QuestionKind.Question, 0.55,
            [("refund", "Refund in full"), ("voucher", "Offer a voucher"), ("decline", "Decline")]),
        new(
            "Charged twice for one order", "The card shows two charges of 129.90 USD, the shop knows one order. The payment provider's second reference is missing in the ledger.",
            "Is the second charge ours to give back, or is it a reservation that lapses?", 129.90m, QuestionKind.Question, 0.48,
            [("refund", "Give it back now"), ("wait", "Wait three working days"), ("decline", "Not ours")]),
        new(
            "Threat to go to the press", "A customer writes that he will publish the whole conversation unless his late delivery is refunded by tonight. The parcel arrived two days late; the goods are worth 240.00 USD.",
            "Who takes this conversation over, and what may be offered until then?", 60.00m, QuestionKind.Escalation, 0.30,
            [("refund", "Refund the shipping and a part"), ("call", "Customer relations calls back"), ("decline", "Keep to the terms")]),
        new(
            "Address change on a shipped parcel", "The customer moved and asks to redirect a parcel worth 410.00 USD that left the warehouse this morning. Her identity was checked by e-mail only.",
            "Is an e-mail check enough to redirect this parcel?", 0m, QuestionKind.Question, 0.62,
            [("redirect", "Redirect"), ("verify", "Verify by phone first"), ("decline", "Do not redirect")]),
        new(
            "Damaged on arrival, no photo", "The monitor has a crack, says the customer, who has no photo and has thrown the box away. It is his third claim this year.",
            "Replace, refund or refuse without a photo?", 219.00m, QuestionKind.Escalation, 0.41,
            [("refund", "Refund"), ("inspect", "Send a courier to inspect"), ("decline", "Refuse")]),
    ];

    private static readonly string[] Customers = ["cust-20418", "cust-77120", "cust-31877", "cust-90233", "cust-11586"];

    public override IReadOnlyList<AgentIdentity> Agents => [Self];

    public override JsonObject Policy => Policies.Parse("""
        {
          "autonomy": "bounded",
          "actions": [{"type": "support.refund", "autonomy": "bounded"}, {"type": "support.reply", "autonomy": "autonomous"}],
          "limits": [{"type": "support.refund", "max_amount": 100, "currency": "USD", "min_confidence": 0.9}],
          "rules": [
            {"id": "refund-needs-answer", "name": "Refunds rest on an answer", "applies_to": ["support.refund"],
             "when": {"all": [{"field": "citations.count", "op": "lt", "value": 1}]},
             "then": "review", "message": "Nobody has said yes to this refund"}
          ],
          "review": {"timeout_seconds": 7200, "on_timeout": "reject", "escalate_to": "Owner", "approvals": 1}
        }
        """);

    public override Opening Open(Casting casting)
    {
        return new Opening(Customers[casting.Random.Next(Customers.Length)], casting.Next(Cases).Title, new JsonObject { ["case"] = $"CS-{casting.Random.Next(40_000, 49_999)}" });
    }

    public override async Task<Outcome> PlayAsync(Run run)
    {
        var support = Array.Find(Cases, known => known.Title == run.Opening.Title)!;
        var number = (string)run.Opening.Metadata!["case"]!;
        var answer = default(PersonAnswer);
        await run.TurnAsync(Self, support.Story, async turn =>
        {
            await turn.ToolAsync("get_case", new JsonObject { ["case"] = number }, new JsonObject { ["story"] = support.Story, ["channel"] = "e-mail", ["age_days"] = 2 }, run.Casting.First ? 0.3 : 0.7);
            await turn.RetrieveAsync("support-terms", support.Title, ["7.1 Returns within 30 days of delivery.", "7.6 Goodwill is decided case by case and never promised."]);
            await turn.ThinkAsync($"{support.Title}: the terms do not settle this. I would ask: {support.Question}", run.Casting.First ? 0.7 : 1.6, reasoning: 240);
            if (!run.Casting.EasyOnly)
            {
                answer = await run.AskPersonAsync(new PersonQuestion
                {
                    Kind = support.Kind,
                    Summary = support.Question,
                    Detail = support.Story,
                    Options = [.. support.Options.Select(option => new QuestionOption(option.Id, option.Label))],
                    AnswerSchema = new JsonObject
                    {
                        ["type"] = "object",
                        ["properties"] = new JsonObject { ["choice"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. support.Options.Select(option => JsonValue.Create(option.Id))]) } },
                        ["required"] = new JsonArray("choice"),
                    },
                    Confidence = support.Confidence,
                });
                run.Token.ThrowIfCancellationRequested();
            }
        });

        await run.RestAsync(1, 2);
        return await CloseAsync(run, support, number, answer);
    }

    private static async Task<Outcome> CloseAsync(Run run, Case support, string number, PersonAnswer? answer)
    {
        var choice = Choice(answer);
        var paid = false;
        await run.TurnAsync(Self, $"Close {number}.", async turn =>
        {
            if (choice == "refund" && support.Amount > 0)
            {
                var decision = await turn.ActAsync(
                    new AgentAction
                    {
                        Type = "support.refund",
                        Tool = "refund_order",
                        Summary = $"Refund {support.Amount:0.00} USD on case {number}: {support.Title}",
                        Amount = support.Amount,
                        Currency = "USD",
                        Confidence = 0.95,
                        Reasoning = $"{answer!.DecidedBy ?? "A colleague"} decided to refund.",
                        Citations = [new("Answer on the case", Quote: answer.Note ?? "Refund")],
                        Arguments = new JsonObject { ["case"] = number, ["amount"] = support.Amount },
                        Risk = ActionRisk.Irreversible,
                    },
                    _ => new JsonObject { ["refund"] = $"RF-{run.Random.Next(10_000, 99_999)}" });
                paid = decision.Proceed;
            }

            await turn.ThinkAsync(Reply(support, choice, paid), 1.3);
            await turn.ActAsync(
                new AgentAction
                {
                    Type = "support.reply",
                    Tool = "reply_to_customer",
                    Summary = $"Answer the customer on case {number}",
                    Confidence = 0.97,
                    Arguments = new JsonObject { ["case"] = number, ["text"] = Reply(support, choice, paid) },
                    Risk = ActionRisk.External,
                },
                _ => new JsonObject { ["sent"] = true });
        });
        return choice is null
            ? new Outcome(SessionOutcome.Abandoned, $"{number} was left to the first line")
            : new Outcome(SessionOutcome.Completed, $"{number} closed: {choice}", paid ? new Money(support.Amount, "USD") : null, new ProducedUnits("case", 1));
    }

    // The console gives the chosen option's id, bare or as the schema asks for it.
    private static string? Choice(PersonAnswer? answer) => answer?.Answer switch
    {
        JsonObject chosen => (string?)chosen["choice"],
        JsonValue value when value.TryGetValue<string>(out var id) => id,
        _ => null,
    };

    private static string Reply(Case support, string? choice, bool paid) => choice switch
    {
        "refund" when paid => $"We have refunded {support.Amount:0.00} USD; it will show on your card within three working days.",
        "refund" => "We are looking into the refund and will write again by tomorrow.",
        "decline" => "We have gone through your case once more and cannot offer more than our terms do. We are sorry that this is not the answer you hoped for.",
        null => "Thank you for your patience: a colleague will take up your case and write to you.",
        _ => "Thank you for your patience. A colleague has taken the decision and will contact you today with the next step.",
    };

    private sealed record Case(
        string Title, string Story, string Question, decimal Amount, QuestionKind Kind, double Confidence, IReadOnlyList<(string Id, string Label)> Options);
}
