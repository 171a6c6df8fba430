using System.Text.Json.Nodes;

namespace Handrail.Client;

/// <summary>Something a person is asked that is not the approval of an action.</summary>
public sealed record PersonQuestion
{
    /// <summary>Makes a repeated asking one and the same question; the client makes one when it is left out.</summary>
    public string? HandoffId { get; init; }

    /// <summary>A question, or a case handed up.</summary>
    public QuestionKind Kind { get; init; } = QuestionKind.Question;

    /// <summary>The question in one sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>What the person needs to know to answer.</summary>
    public string? Detail { get; init; }

    /// <summary>Answers to choose from.</summary>
    public IReadOnlyList<QuestionOption> Options { get; init; } = [];

    /// <summary>The JSON schema that the answer is to satisfy.</summary>
    public JsonObject? AnswerSchema { get; init; }

    /// <summary>How sure the agent is of its own answer, from 0 to 1.</summary>
    public double? Confidence { get; init; }
}

/// <summary>Why a person is asked.</summary>
public enum QuestionKind
{
    /// <summary>The agent needs to know something to go on.</summary>
    Question,

    /// <summary>The agent hands the case up.</summary>
    Escalation,
}

/// <summary>An answer that can be chosen.</summary>
/// <param name="Id">What comes back.</param>
/// <param name="Label">What the person reads.</param>
public sealed record QuestionOption(string Id, string Label);

/// <summary>What came of a question.</summary>
public sealed record PersonAnswer
{
    /// <summary>The handoff that put it before a person.</summary>
    public required string HandoffId { get; init; }

    /// <summary>Where it stands. Only <see cref="HandoffStatus.Answered"/> carries an answer.</summary>
    public required HandoffStatus Status { get; init; }

    /// <summary>The answer, in the shape that was asked for; null unless <see cref="Answered"/>.</summary>
    public JsonNode? Answer { get; init; }

    /// <summary>Who answered.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>What that person wrote beside it.</summary>
    public string? Note { get; init; }

    /// <summary>Whether a person answered.</summary>
    public bool Answered => Status is HandoffStatus.Answered;
}

/// <summary>Where a handoff stands.</summary>
public enum HandoffStatus
{
    /// <summary>An answer that this client does not know.</summary>
    Unknown,

    /// <summary>Nobody decided yet.</summary>
    Open,

    /// <summary>Approved.</summary>
    Approved,

    /// <summary>Rejected.</summary>
    Rejected,

    /// <summary>Answered.</summary>
    Answered,

    /// <summary>A person took the session over.</summary>
    TakenOver,

    /// <summary>Nobody answered in time.</summary>
    Expired,

    /// <summary>It lost its point: the session was stopped or ended.</summary>
    Cancelled,

    /// <summary>Settled without an answer.</summary>
    Resolved,
}
