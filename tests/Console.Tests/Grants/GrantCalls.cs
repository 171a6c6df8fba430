using Handrail.Host;

namespace Handrail.Grants;

/// <summary>An agent that pays, what rules it, and whoever carries its payments out.</summary>
internal static class GrantCalls
{
    public const string Agent = "payer";

    public static object Payment(string id, decimal amount = 20m, string agent = Agent) => new
    {
        action_id = id,
        agent,
        user = "u-42",
        type = "payment.send",
        tool = "send_payment",
        amount,
        currency = "USD",
        arguments = new { iban = "DE02120300000000202051", z = 1.0, amount },
        risk = "irreversible",
    };

    /// <summary>Lets payments of up to 50 USD go by themselves.</summary>
    public static Task PayerAsync(this ConsoleHost host) => host.PolicyAsync(Agent, UpTo(50));

    public static object UpTo(decimal amount) => new { autonomy = "bounded", limits = new object[] { new { type = "payment.send", max_amount = amount, currency = "USD" } } };

    /// <summary>Asks for a payment.</summary>
    public static async Task<Answer> AskAsync(this ConsoleHost host, string session, string id, decimal amount = 20m) =>
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", Payment(id, amount))).Expect(200);

    /// <summary>Asks for a payment that goes at once, and gives its grant.</summary>
    public static async Task<string> GrantAsync(this ConsoleHost host, string session, string id) => (await host.AskAsync(session, id)).Text("grant");

    /// <summary>Asks for a payment that a person must look at, which one approves, and reads it back.</summary>
    public static async Task<Answer> ApprovedAsync(this ConsoleHost host, string session, string id, object? edit = null)
    {
        var handoff = (await host.AskAsync(session, id, 80m)).Text("handoff_id");
        (await host.Admin.PostAsync($"/api/v1/handoffs/{handoff}/approve", edit ?? new { })).Expect(200);
        return await host.LookAsync(session, id);
    }

    public static async Task<Answer> LookAsync(this ConsoleHost host, string session, string id) =>
        (await host.Agent.ReadAsync($"/api/v1/sessions/{session}/actions/{id}")).Expect(200);

    public static Task<Answer> RedeemAsync(this ConsoleHost host, string grant) => host.Agent.PostAsync("/api/v1/grants/redeem", new { grant });

    public static Task<Answer> ClaimAsync(this ConsoleHost host, string session, string id) =>
        host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/{id}/claim", new { });
}
