namespace Handrail.Sessions;

public enum ControlKind
{
    Pause,
    Resume,
    Stop,
    TakeOver,
    Message,
    HandBack,

    /// <summary>A tool or an action type was switched off over the whole fleet; the payload names it.</summary>
    Disable,

    /// <summary>It was switched on again.</summary>
    Enable,
}

/// <summary>
/// An order to one session, to every session of an agent, or to the fleet. The sequence is one for all scopes, so that an
/// agent asks for everything after one number.
/// </summary>
public sealed class ControlCommand
{
    public long Seq { get; set; }

    /// <summary><c>session:ID</c>, <c>agent:NAME</c> or <c>fleet</c>.</summary>
    public required string Scope { get; set; }

    public ControlKind Kind { get; set; }

    public string? Reason { get; set; }

    public required string By { get; set; }

    public DateTimeOffset At { get; set; }

    public string? PayloadJson { get; set; }
}

/// <summary>That one session's agent was given a command, and that it obeyed.</summary>
public sealed class ControlReceipt
{
    public required string SessionId { get; set; }

    public long Seq { get; set; }

    public DateTimeOffset? DeliveredAt { get; set; }

    public DateTimeOffset? AcknowledgedAt { get; set; }
}

/// <summary>What is ordered for an agent or the whole fleet, until a person resumes it.</summary>
public sealed class ScopeControl
{
    /// <summary><c>agent:NAME</c> or <c>fleet</c>.</summary>
    public required string Scope { get; set; }

    public ControlState State { get; set; }

    public string? Reason { get; set; }

    public string? By { get; set; }

    public DateTimeOffset? Since { get; set; }

    /// <summary>The command that set the state.</summary>
    public long Seq { get; set; }
}

/// <summary>A tool or an action type switched off over the whole fleet.</summary>
public sealed class Disabled
{
    /// <summary><c>tool</c> or <c>type</c>.</summary>
    public required string What { get; set; }

    public required string Name { get; set; }

    public required string Reason { get; set; }

    public required string By { get; set; }

    public DateTimeOffset Since { get; set; }
}

/// <summary>A line of the live transcript that an agent sent or a person wrote.</summary>
public sealed class TranscriptMessage
{
    /// <summary>The role of whoever writes from the console.</summary>
    public const string Operator = "operator";

    public required string SessionId { get; set; }

    public required string Id { get; set; }

    public required string Role { get; set; }

    /// <summary>The person at the console who wrote it; null for what the agent reported.</summary>
    public string? By { get; set; }

    /// <summary>Whom that person wrote to: <c>user</c> or <c>agent</c>.</summary>
    public string? To { get; set; }

    public required string Text { get; set; }

    public DateTimeOffset At { get; set; }
}
