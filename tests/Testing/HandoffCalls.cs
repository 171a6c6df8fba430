using Xunit;

namespace Handrail.Testing;

/// <summary>An agent that asks for what a person must look at; and people who decide by the API.</summary>
public static class HandoffCalls
{
    public static object Expense(string id, decimal amount = 48.20m, string? user = null) => new
    {
        action_id = id,
        agent = "desk",
        type = "expense.approve",
        summary = "Approve",
        amount,
        currency = "USD",
        vendor = "Blue Door Cafe",
        category = "meals",
        user,
        arguments = new { expense_id = "e-9", approved_amount = amount },
        reasoning = "Receipt matches.",
    };

    /// <summary>Asks for an expense that a person must look at.</summary>
    /// <returns>The handoff's id.</returns>
    public static async Task<string> PendingAsync(this HttpClient agent, string session, string id = "a-1", decimal amount = 48.20m, string? user = null)
    {
        var answer = (await agent.PostAsync($"/api/v1/sessions/{session}/actions", Expense(id, amount, user))).Expect(200);
        Assert.Equal("pending", answer.Text("status"));
        return answer.Text("handoff_id");
    }

    public static Task<Answer> ApproveAsync(this HttpClient person, string handoff, object? edit = null) => person.PostAsync($"/api/v1/handoffs/{handoff}/approve", edit ?? new { });

    public static Task<Answer> RejectAsync(this HttpClient person, string handoff, string reason = "No") => person.PostAsync($"/api/v1/handoffs/{handoff}/reject", new { reason });
}
