namespace Handrail.TestAgent;

/// <summary>Where an agent can be told to halt, in the order in which it comes by.</summary>
public enum HaltPoint
{
    None,
    BeforeAsking,

    /// <summary>The console has decided, and the agent has not read it.</summary>
    AskedAnswerUnread,

    /// <summary>A person owes the decision. It waits on; this only says so.</summary>
    Waiting,
    Decided,

    /// <summary>The console has taken the claim, and the agent has not read it.</summary>
    ClaimedAnswerUnread,
    Claimed,

    /// <summary>Whoever was handed the grant has carried it out, and the agent has not read it.</summary>
    DoneAnswerUnread,
    Done,
    ReportedAnswerUnread,
    Reported,
}

/// <summary>One thing to do, in a session of its own.</summary>
/// <param name="Session">The session's id, kept over restarts.</param>
/// <param name="Action">The action's id, kept over restarts.</param>
/// <param name="Amount">In US dollars: what the policy or a person decides by.</param>
public sealed record Errand(string Session, string Action, decimal Amount)
{
    /// <summary>The receiver of payments carries it out, by the grant; else the agent claims it and does it itself.</summary>
    public bool ByGrant { get; init; }

    public HaltPoint HaltAt { get; init; }

    /// <summary>Does it on the decision alone, as no agent should: neither claims it nor finds out what has become of it.</summary>
    public bool Hasty { get; init; }

    /// <summary>Asks nobody before the console is out of reach.</summary>
    public bool Offline { get; init; }
}

/// <summary>What one agent process is started with.</summary>
public sealed record AgentOrders
{
    public required Uri Endpoint { get; init; }

    public required string Key { get; init; }

    public required string Agent { get; init; }

    /// <summary>The file to which what the agent does itself is added: it can't be taken back.</summary>
    public required string Ledger { get; init; }

    /// <summary>Where payments are made for a grant.</summary>
    public Uri? Payments { get; init; }

    public required IReadOnlyList<Errand> Errands { get; init; }

    /// <summary>How far the agent's clock is off.</summary>
    public double ClockOffSeconds { get; init; }

    /// <summary>For how long the console must be out of reach before the policy decides in its place.</summary>
    public double OfflineAfterSeconds { get; init; } = 30;
}
