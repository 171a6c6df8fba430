using System.Text.Json;

namespace Handrail.Handoffs;

public enum DecisionKind
{
    Approve,
    Reject,
    Answer,
    TakeOver,
}

/// <summary>What a person decides on a handoff.</summary>
public sealed record HandoffDecision(DecisionKind Kind)
{
    /// <summary>Arguments as the person edited them; null for as proposed.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>Amount as the person edited it, in the action's currency; null for as proposed.</summary>
    public decimal? Amount { get; init; }

    /// <summary>The reason of a rejection, a note with anything else.</summary>
    public string? Note { get; init; }

    public string? ReasonCode { get; init; }

    public JsonElement? Answer { get; init; }

    /// <summary>How long the handoff lay before the person who decides; null where no page can tell.</summary>
    public TimeSpan? Looked { get; init; }
}
