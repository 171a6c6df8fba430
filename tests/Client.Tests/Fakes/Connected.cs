using System.Runtime.CompilerServices;
using Handrail.Testing;

namespace Handrail.Client.Tests.Fakes;

/// <summary>A client of the fake console that retries at once.</summary>
internal static class Connected
{
    public static HandrailClient Client(FakeConsole console, TimeProvider? clock = null, Func<double>? jitter = null, HttpMessageHandler? handler = null) => new(Options(console.Address, clock, jitter, handler));

    public static HandrailClientOptions Options(Uri endpoint, TimeProvider? clock = null, Func<double>? jitter = null, HttpMessageHandler? handler = null) => new()
    {
        Endpoint = endpoint,
        ApiKey = "hra_test",
        Agent = "expense-approver",
        AgentVersion = "1.4",
        TimeProvider = clock ?? TimeProvider.System,
        AskTimeout = TimeSpan.FromSeconds(20),
        Jitter = jitter ?? (() => 0),
        MessageHandler = handler,
        UseHub = false,
    };

    public static AgentAction Expense(string id = "a-17") => new()
    {
        ActionId = id,
        Type = "expense.approve",
        Amount = 48.20m,
        Currency = "USD",
        Vendor = "Blue Door Cafe",
        Arguments = new() { ["expense_id"] = "e-9", ["approved_amount"] = 48.20m },
    };

    public static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string expectation = "") =>
        Eventually.HoldsAsync(expectation, condition);
}
