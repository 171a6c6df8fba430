using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Client.AI;
using Microsoft.Extensions.AI;

namespace Handrail.Client.Tests;

/// <summary>The samples of the packages' readmes, compiled; the first is run too.</summary>
internal static class ReadmeSample
{
    public static async Task RunAsync(Uri endpoint, string key, Func<JsonObject, CancellationToken, Task<JsonNode>> approve)
    {
        // <sample>
        await using var client = new HandrailClient(new HandrailClientOptions
        {
            Endpoint = endpoint, // http://127.0.0.1:8080
            ApiKey = key,        // hra_…
            Agent = "expense-approver",
            AgentVersion = "1.4",
        });

        // The session's id is also what telemetry carries as gen_ai.conversation.id.
        await using var session = await client.OpenSessionAsync(user: "u-42", title: "Lunch receipt e-9");

        var decision = await session.RequestAsync(new AgentAction
        {
            ActionId = "approve-e-9",
            Type = "expense.approve",
            Tool = "approve_expense",
            Summary = "Approve 48.20 USD, lunch, Blue Door Cafe",
            Amount = 48.20m,
            Currency = "USD",
            Vendor = "Blue Door Cafe",
            Category = "meals",
            Confidence = 0.93,
            Reasoning = "Under the 50 USD meal limit; receipt matches.",
            Arguments = new JsonObject { ["expense_id"] = "e-9", ["approved_amount"] = 48.20m },
            Risk = ActionRisk.External,
        });

        // Claimed right before it is done: a stop or a stricter policy since the decision voids it.
        if (decision.Proceed && await session.ClaimAsync(decision) is null)
        {
            // A person may have edited them: act on the decision's arguments, never on your own.
            var booked = await approve(decision.Arguments!, session.Stopped);
            await session.ReportResultAsync(decision.ActionId, succeeded: true, output: booked);
        }

        await session.EndAsync(SessionOutcome.Completed, "One expense handled", units: new ProducedUnits("expense", 1));
        // </sample>
    }

    public static async Task CarryOutAsync(Uri endpoint, string key, string grant, JsonElement arguments)
    {
        // <sample>
        // In that system. The agent hands over decision.Grant and decision.Arguments.
        using var verifier = new GrantVerifier(new GrantVerifierOptions { Endpoint = endpoint, ApiKey = key });
        var covered = await verifier.RedeemAsync(grant, "expense.approve", arguments); // throws GrantRefusedException: do nothing
        // </sample>
        _ = covered;
    }

    public static async Task GovernAsync(HandrailClient client, IChatClient model, AIFunction approveExpense)
    {
        // <sample>
        await using var session = await client.OpenSessionAsync(user: "u-42");
        using var chat = model.AsBuilder()
            .UseHandrail(session)   // in place of .UseFunctionInvocation()
            .Build();

        var answer = await chat.GetResponseAsync("Approve my lunch receipt.", new ChatOptions { Tools = [approveExpense] });
        // </sample>
        _ = answer;
    }

    public static void Describe(HandrailSession session, IChatClient model, double confidence)
    {
        // <sample>
        using var chat = model.AsBuilder()
            .UseHandrail(session, governance => governance.Tools["approve_expense"] = new ToolAction
            {
                Type = "expense.approve",
                Risk = ActionRisk.External,
                AmountFrom = "approved_amount",
                Currency = "USD",
                VendorFrom = "vendor",
                Describe = action => action with { Confidence = confidence, Reasoning = "Under the meal limit; receipt matches." },
            })
            .Build();
        // </sample>
    }

    public static AIFunction Govern(AIFunction approveExpense, HandrailSession session)
    {
        // <sample>
        var tool = approveExpense.GovernedBy(session);
        // </sample>
        return tool;
    }
}
