using System.Text.Json.Nodes;

namespace Handrail.Client;

/// <summary>A cost that no span carries: a tool that is paid by the call, a person's time, a model without telemetry.</summary>
public sealed record CostEvent
{
    /// <summary>Makes a repeated report count once; the client makes one when it is left out.</summary>
    public string? Id { get; init; }

    /// <summary>What was paid for.</summary>
    public required CostKind Kind { get; init; }

    /// <summary>The model, tool or supplier.</summary>
    public required string Name { get; init; }

    /// <summary>What it cost, in <see cref="Currency"/>.</summary>
    public required decimal Amount { get; init; }

    /// <summary>The amount's ISO 4217 currency.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>When it arose; now, unless set.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Tokens read by a model.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens written by a model.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Anything else worth keeping with it.</summary>
    public JsonObject? Metadata { get; init; }
}

/// <summary>What a cost was for.</summary>
public enum CostKind
{
    /// <summary>A model's call.</summary>
    Model,

    /// <summary>A tool's call.</summary>
    Tool,

    /// <summary>A person's time.</summary>
    Human,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>What became of reported costs.</summary>
/// <param name="Accepted">Counted now.</param>
/// <param name="Duplicates">Had been counted before, under the same id.</param>
/// <param name="Rejected">Not counted, and why.</param>
public sealed record CostReceipt(int Accepted, int Duplicates, IReadOnlyList<RejectedCost> Rejected);

/// <summary>A cost that was not counted.</summary>
/// <param name="Index">Its place in the report, from 0.</param>
/// <param name="Error">Why.</param>
public sealed record RejectedCost(int Index, string Error);

/// <summary>One message of the conversation, for the live transcript.</summary>
/// <param name="Role">Who said it.</param>
/// <param name="Text">What was said.</param>
public sealed record SessionMessage(MessageRole Role, string Text)
{
    /// <summary>Makes a repeated report count once; the client makes one when it is left out.</summary>
    public string? Id { get; init; }

    /// <summary>When it was said; now, unless set.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>Who says a message.</summary>
public enum MessageRole
{
    /// <summary>The person or system that the agent serves.</summary>
    User,

    /// <summary>The agent.</summary>
    Assistant,

    /// <summary>A tool.</summary>
    Tool,

    /// <summary>A person of the console who spoke in the agent's place.</summary>
    Operator,
}

/// <summary>How a session ended.</summary>
public enum SessionOutcome
{
    /// <summary>It did its job.</summary>
    Completed,

    /// <summary>It could not.</summary>
    Failed,

    /// <summary>It was given up.</summary>
    Abandoned,
}

/// <summary>What a session produced, so that cost per piece can be told: <c>("article", 1)</c>.</summary>
/// <param name="Name">The piece.</param>
/// <param name="Count">How many.</param>
public sealed record ProducedUnits(string Name, decimal Count);
