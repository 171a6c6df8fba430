using System.Text.Json;

namespace Handrail.Policy;

/// <summary>A question to the gate which levels, limits and rules answer with "allow", and which a guarantee describes or may describe.</summary>
/// <param name="Action">The action.</param>
/// <param name="Facts">Its session. No budget has been used yet.</param>
/// <param name="At">The moment.</param>
/// <param name="IsCertain">Whether the guarantee describes the action; else that can't be known, because a member is missing or of the wrong kind.</param>
public sealed record Counterexample(ActionRequest Action, SessionFacts Facts, DateTimeOffset At, bool IsCertain)
{
    /// <summary>
    /// Such as <c>type expense.approve, amount 501, currency USD</c>: what the action and its session must have, and nothing that doesn't matter. Of the agent and the moment it
    /// says nothing: they are in <see cref="Action"/> and <see cref="At"/>.
    /// </summary>
    public string Describe()
    {
        List<string> says = [$"type {Action.Type}"];
        Say("tool", Action.Tool);
        Say("amount", Action.Amount);
        Say("currency", Action.Currency);
        Say("vendor", Action.Vendor);
        Say("category", Action.Category);
        Say("confidence", Action.Confidence);
        Say("user", Action.User);
        Say("agent_version", Action.AgentVersion);
        Say("risk", Action.Risk?.Word());
        Say("reasoning", Action.Reasoning);
        if (Action.CitationCount > 0) Say("citations.count", Action.CitationCount);
        if (Action.FailedChecks > 0) Say("checks.failed", Action.FailedChecks);
        if (Action.Arguments.ValueKind == JsonValueKind.Object) says.Add($"arguments {Action.Arguments.GetRawText()}");
        if (Facts.ToolsUsed.Count > 0) says.Add($"after the tools {string.Join(", ", Facts.ToolsUsed)}");
        Say("session.cost_usd", Facts.CostUsd);
        Say("session.turns", Facts.Turns);
        Say("session.steps", Facts.Steps);
        Say("session.tool_calls", Facts.ToolCalls);
        Say("session.context_tokens", Facts.ContextTokens);
        Say("session.age_seconds", Facts.AgeSeconds);
        return string.Join(", ", says);

        void Say(string name, object? value)
        {
            if (value is not null) says.Add(FormattableString.Invariant($"{name} {value}"));
        }
    }
}
