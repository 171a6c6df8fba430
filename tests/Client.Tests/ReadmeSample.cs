using System.Text.Json.Nodes;

namespace Handrail.Client.Tests;

/// <summary>The sample of the package's readme, compiled and run.</summary>
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

        if (decision.Proceed)
        {
            // A person may have edited them: act on the decision's arguments, never on your own.
            var booked = await approve(decision.Arguments!, session.Stopped);
            await session.ReportResultAsync(decision.ActionId, succeeded: true, output: booked);
        }

        await session.EndAsync(SessionOutcome.Completed, "One expense handled", units: new ProducedUnits("expense", 1));
        // </sample>
    }
}
