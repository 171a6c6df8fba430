using System.Net.Http.Json;
using System.Text.Json;
using Handrail.Testing;

namespace Handrail.Browser;

/// <summary>An agent written by somebody else: it knows the public interface and nothing more.</summary>
public sealed class TestAgent(HttpClient console, string name)
{
    /// <summary>Asks whether an expense may be approved.</summary>
    /// <returns>The gate's answer.</returns>
    public async Task<JsonElement> AskAsync(string session, string action, decimal amount) => await ReadAsync(await console.PostAsJsonAsync(
        $"api/v1/sessions/{session}/actions",
        new
        {
            action_id = action,
            agent = name,
            type = "expense.approve",
            tool = "approve_expense",
            summary = $"Approve {amount} USD, lunch, Blue Door Cafe",
            amount,
            currency = "USD",
            vendor = "Blue Door Cafe",
            category = "meals",
            confidence = 0.93,
            reasoning = "Under the meal limit; the receipt matches.",
            arguments = new { expense_id = "e-9", approved_amount = amount },
            risk = "external",
        }));

    /// <summary>Waits until the action is no longer pending.</summary>
    public async Task<JsonElement> DecisionAsync(string session, string action) =>
        await ReadAsync(await console.GetAsync($"api/v1/sessions/{session}/actions/{action}?wait=30"));

    /// <summary>Where the agent stands: running, paused, stopped.</summary>
    public async Task<string> ControlAsync(string session) =>
        (await ReadAsync(await console.GetAsync($"api/v1/sessions/{session}/control"))).GetProperty("state").GetString()!;

    /// <summary>Reports one turn with one model call.</summary>
    public async Task ReportModelCallAsync(string session, string model) =>
        await ReadAsync(await console.PostAsJsonAsync("v1/traces", OtlpJson.ModelCalls(session, name, model: model)));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
    }
}
