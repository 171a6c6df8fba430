using System.Globalization;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>What came of a session, or of several, since an order.</summary>
/// <param name="Steps">Steps that came in since, those that had begun before among them.</param>
/// <param name="CostNanos">What they cost, in billionths of a US dollar.</param>
/// <param name="Asked">Actions that the gate was asked for.</param>
public sealed record SentSince(int Steps, int LlmCalls, int ToolCalls, long CostNanos, int Asked)
{
    /// <summary>The agent is at work all the same.</summary>
    public bool Any => Steps > 0 || Asked > 0;

    /// <summary>In our words: "since then 12 steps, 4 model calls, 6 tool calls, 0.31 USD; asked the gate 2 times".</summary>
    public string Words => Any
        ? string.Create(CultureInfo.InvariantCulture, $"since then {Steps} steps, {LlmCalls} model calls, {ToolCalls} tool calls, {CostNanos / 1_000_000_000m:0.00##} USD; asked the gate {Asked} times")
        : "nothing has come since";

    internal static async Task<SentSince> ReadAsync(HandrailDb db, IReadOnlyList<string> sessions, DateTimeOffset since, CancellationToken cancel)
    {
        var ids = sessions.ToList();
        var steps = await db.Steps.Where(s => EF.Parameter(ids).Contains(s.SessionId) && s.ReceivedAt > since).GroupBy(_ => 1).Select(g => new
        {
            Steps = g.Count(),
            Llm = g.Sum(s => s.Counts && s.Kind == Telemetry.StepKind.Llm ? 1 : 0),
            Tool = g.Sum(s => s.Counts && s.Kind == Telemetry.StepKind.Tool ? 1 : 0),
            Cost = g.Sum(s => s.CountsCost ? s.CostNanos ?? 0 : 0),
        }).SingleOrDefaultAsync(cancel);
        var asked = await db.Actions.CountAsync(a => EF.Parameter(ids).Contains(a.SessionId) && a.RequestedAt > since, cancel);
        return new SentSince(steps?.Steps ?? 0, steps?.Llm ?? 0, steps?.Tool ?? 0, steps?.Cost ?? 0, asked);
    }
}

/// <summary>A key that may speak for the agent, for whoever may take it away.</summary>
/// <param name="Agents">The agents it is limited to; null for all of its team's, which lose it too.</param>
public sealed record SessionKey(string Id, string Name, IReadOnlyList<string>? Agents, DateTimeOffset? LastUsedAt);

/// <summary>An order that a session's agent has not acknowledged within its time, and what can be done about it beyond the gate, which refuses or holds its actions already.</summary>
/// <param name="Since">When the order began to hold for the session.</param>
/// <param name="DeliveredAt">When the agent was told; null when it has not come for it.</param>
/// <param name="Owner">Whom the registry names as the agent's owner.</param>
/// <param name="Keys">Keys that may speak for the agent, the last used first; empty for whoever may not control.</param>
public sealed record UnobeyedOrder(
    long Seq, string Scope, ControlKind Kind, string? Reason, string By, DateTimeOffset Since, DateTimeOffset? DeliveredAt, SentSince Sent, DateTimeOffset LastHeardAt,
    string? Owner, IReadOnlyList<SessionKey> Keys);
