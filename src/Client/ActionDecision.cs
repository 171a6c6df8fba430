using System.Text.Json.Nodes;

namespace Handrail.Client;

/// <summary>What was decided on an action. <see cref="Proceed"/> is the only member that an agent needs.</summary>
public sealed record ActionDecision
{
    /// <summary>The action decided on.</summary>
    public required string ActionId { get; init; }

    /// <summary>
    /// True when the policy or a person let the action go; false for everything else, and for every answer that the client
    /// cannot read, does not know, or that speaks of another action. Act on <see cref="Arguments"/> and <see cref="Amount"/>.
    /// </summary>
    public required bool Proceed { get; init; }

    /// <summary>What the policy said.</summary>
    public required ActionVerdict Verdict { get; init; }

    /// <summary>Where the action stands.</summary>
    public required ActionStatus Status { get; init; }

    /// <summary>Every rule and limit that spoke, the deciding one first.</summary>
    public IReadOnlyList<DecisionReason> Reasons { get; init; } = [];

    /// <summary>The arguments to act on: a person's, where one edited them, else those proposed.</summary>
    public JsonObject? Arguments { get; init; }

    /// <summary>The amount to act on: a person's, where one edited it, else the one proposed.</summary>
    public decimal? Amount { get; init; }

    /// <summary>A person changed the arguments or the amount before approving.</summary>
    public bool Edited { get; init; }

    /// <summary>The handoff that put it before a person.</summary>
    public string? HandoffId { get; init; }

    /// <summary>The policy's version that decided: fleet's and agent's, <c>3.17</c>.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>Until when the decision holds, by the console's clock.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The signed, single-use proof to hand to the system that carries the action out; null where none was issued.</summary>
    public string? Grant { get; init; }

    /// <summary>The console could not be reached, and the client answered as the policy's <c>offline</c> says.</summary>
    public bool DecidedOffline { get; init; }

    /// <summary>The person who decided.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>What that person wrote.</summary>
    public string? Note { get; init; }
}

/// <summary>Why an action was decided as it was.</summary>
/// <param name="Rule">The rule, limit or check that spoke; <c>client:…</c> when it was this client.</param>
/// <param name="Text">In words.</param>
public sealed record DecisionReason(string Rule, string Text);

/// <summary>What the policy says about an action.</summary>
public enum ActionVerdict
{
    /// <summary>An answer that this client does not know: never an allow.</summary>
    Unknown,

    /// <summary>It may go by itself.</summary>
    Allow,

    /// <summary>A person decides.</summary>
    Review,

    /// <summary>It is recorded and not to be done.</summary>
    Shadow,

    /// <summary>It may not be done.</summary>
    Deny,

    /// <summary>It may not be done and the session is to end.</summary>
    Stop,
}

/// <summary>Where an action stands.</summary>
public enum ActionStatus
{
    /// <summary>An answer that this client does not know: never an allow.</summary>
    Unknown,

    /// <summary>A person owes the answer.</summary>
    Pending,

    /// <summary>The policy let it go.</summary>
    Allowed,

    /// <summary>The policy refused it.</summary>
    Denied,

    /// <summary>Recorded, not to be done.</summary>
    Shadowed,

    /// <summary>The session is stopped.</summary>
    Stopped,

    /// <summary>A person let it go.</summary>
    Approved,

    /// <summary>A person refused it.</summary>
    Rejected,

    /// <summary>A person took the session over; the action is theirs.</summary>
    TakenOver,

    /// <summary>Nobody decided in time.</summary>
    Expired,

    /// <summary>It was withdrawn, or a stop or a new policy voided it.</summary>
    Cancelled,
}
