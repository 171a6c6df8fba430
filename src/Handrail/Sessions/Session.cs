namespace Handrail.Sessions;

/// <summary>One conversation or run of an agent, with its totals kept, not computed.</summary>
public sealed class Session
{
    public required string Id { get; set; }

    public required string Team { get; set; }

    /// <summary>The agent the session belongs to: the first that was named.</summary>
    public required string Agent { get; set; }

    public string? AgentVersion { get; set; }

    /// <summary>The person on whose behalf the agent works.</summary>
    public string? User { get; set; }

    public string? Title { get; set; }

    public string? ParentSessionId { get; set; }

    public string? MetadataJson { get; set; }

    /// <summary>What is shown and filtered by; follows from the members below, see <see cref="Restate"/>.</summary>
    public SessionState State { get; set; }

    /// <summary>What people ordered for this session alone. A scope's order is in <see cref="ScopeControl"/>.</summary>
    public ControlState Control { get; set; }

    /// <summary>The agent confirmed that it stopped.</summary>
    public bool StopAcknowledged { get; set; }

    /// <summary>The agent or the fleet is paused.</summary>
    public bool ScopePaused { get; set; }

    /// <summary>The person who holds the session while it is taken over.</summary>
    public string? TakenOverBy { get; set; }

    public int OpenHandoffs { get; set; }

    public int Turns { get; set; }

    public int Steps { get; set; }

    public int LlmCalls { get; set; }

    public int ToolCalls { get; set; }

    public int Errors { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    public long CachedTokens { get; set; }

    /// <summary>Cost in billionths of a US dollar.</summary>
    public long CostNanos { get; set; }

    /// <summary>Model calls whose cost is unknown: no usage, or no price.</summary>
    public int UnpricedCalls { get; set; }

    /// <summary>Input tokens of the newest model call: how full the context is.</summary>
    public long ContextTokens { get; set; }

    /// <summary>When the model call behind <see cref="ContextTokens"/> started.</summary>
    public DateTimeOffset? ContextAt { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    /// <summary>When its first step was committed, by our clock: its steps are looked for from there on. Null until one came.</summary>
    public DateTimeOffset? FirstReceivedAt { get; set; }

    public DateTimeOffset LastActivityAt { get; set; }

    /// <summary>When its process last gave a sign of life that brings nothing forward, by our clock; noted now and then, not each time. Null where it gave none.</summary>
    public DateTimeOffset? HeartbeatAt { get; set; }

    /// <summary>What its steps leave open; null where they do not say.</summary>
    public SessionPending? Pending { get; set; }

    /// <summary>When the step ended, by its own clock, that <see cref="Pending"/> was read from.</summary>
    public DateTimeOffset? PendingAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary><c>completed</c>, <c>failed</c> or <c>abandoned</c> once the agent ended it.</summary>
    public string? Outcome { get; set; }

    public string? Summary { get; set; }

    public decimal? ValueAmount { get; set; }

    public string? ValueCurrency { get; set; }

    public string? UnitsName { get; set; }

    public decimal? UnitsCount { get; set; }

    /// <summary>Named by its trace because no span has named a session yet.</summary>
    public bool Provisional { get; set; }

    /// <summary>The session that took over everything of this provisional one; links to the old id lead there.</summary>
    public string? MovedTo { get; set; }

    /// <summary>Control commands up to here came before the session and do not concern it.</summary>
    public long ControlBase { get; set; }

    /// <summary>Goes up with every change of control or outcome: what <c>If-Match</c> is compared with.</summary>
    public long Version { get; set; } = 1;

    /// <summary>Notes a sign of life, by our clock; a lost session is found again by it.</summary>
    public void Touch(DateTimeOffset now)
    {
        LastActivityAt = now > LastActivityAt ? now : LastActivityAt;
        if (State == SessionState.Lost)
        {
            Restate();
        }
    }

    /// <summary>Sets <see cref="State"/> from control, outcome and what is open. The strongest word wins: stop, end, take-over, pause, waiting.</summary>
    public void Restate()
    {
        State = Control switch
        {
            ControlState.Stopped => StopAcknowledged || EndedAt is not null ? SessionState.Stopped : SessionState.Stopping,
            _ when EndedAt is not null => Outcome switch
            {
                "failed" => SessionState.Failed,
                "abandoned" => SessionState.Abandoned,
                _ => SessionState.Completed,
            },
            ControlState.TakenOver => SessionState.TakenOver,
            ControlState.Paused => SessionState.Paused,
            _ when ScopePaused => SessionState.Paused,
            _ when OpenHandoffs > 0 => SessionState.Waiting,
            _ => SessionState.Running,
        };
    }
}

/// <summary>An agent that worked in a session.</summary>
public sealed class SessionAgent
{
    public required string SessionId { get; set; }

    public required string Agent { get; set; }

    /// <summary>The session's steps that are the agent's.</summary>
    public int Steps { get; set; }

    /// <summary>
    /// Known from steps alone. Which agent did a step may become clear late, when an ancestor comes that names one: an agent that
    /// has lost its last step in the session was never in it.
    /// </summary>
    public bool FromSteps { get; set; }
}

/// <summary>A tool that a session has used, by span or by gate call: what taint is read from.</summary>
public sealed class SessionTool
{
    public required string SessionId { get; set; }

    public required string Tool { get; set; }

    public DateTimeOffset FirstUsedAt { get; set; }
}
