namespace Handrail.Sessions;

/// <summary>What a session is at: finer than its <see cref="SessionState"/> where that says no more than that it runs.</summary>
public enum SessionActivity
{
    /// <summary>Something has come of it within <see cref="ActivityEvidence.Quiet"/>.</summary>
    Working,

    /// <summary>Silent, with a model or tool call open.</summary>
    InCall,

    /// <summary>Silent itself; a session that it started is under way.</summary>
    OnChild,

    /// <summary>A person owes an answer.</summary>
    Waiting,

    /// <summary>Silent; its last turn is complete, and nobody has begun another.</summary>
    BetweenTurns,

    /// <summary>Silent for no known reason: nothing is open, or what is has been for too long.</summary>
    Silent,

    /// <summary>Paused, taken over, or told to stop.</summary>
    Held,

    /// <summary>Silent for longer than its agent's limit, and not heard of otherwise.</summary>
    Lost,

    /// <summary>Ended or stopped.</summary>
    Over,
}

/// <summary>What the steps of a session leave open, by the last trace of it that came.</summary>
public enum SessionPending
{
    /// <summary>The turn is complete: its outermost span has come.</summary>
    Nothing,

    /// <summary>The turn goes on after a tool's answer or a person's word: the model's is due.</summary>
    Model,

    /// <summary>The turn goes on after the model's answer, or a tool was let go and has not come back.</summary>
    Tool,
}

/// <summary>What is known of a session, from which follows what it is at.</summary>
public readonly record struct ActivityEvidence
{
    /// <summary>Whatever was heard of within this long is at work: most calls take less, and a list that changes its word at each of them tells nothing.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);

    /// <summary>An open call that only the shape of the trace tells of is believed for so long: clients of models give up after about as much.</summary>
    public static readonly TimeSpan CallAtMost = TimeSpan.FromMinutes(5);

    /// <summary>The same while its process gives signs of life, for a tool may well run so long.</summary>
    public static readonly TimeSpan CallAliveAtMost = TimeSpan.FromMinutes(30);

    /// <summary>The slowest signs of life come once a minute: a call that is held, metrics.</summary>
    public static readonly TimeSpan AliveWithin = TimeSpan.FromMinutes(2);

    public required SessionState State { get; init; }

    /// <summary>When something last came of it: a step, a question to the gate, a line of its transcript.</summary>
    public required DateTimeOffset LastActivityAt { get; init; }

    /// <summary>When its process last gave a sign of life that brings nothing forward: it is connected, it asks for orders, it sends metrics. Null where it gives none.</summary>
    public DateTimeOffset? HeartbeatAt { get; init; }

    /// <summary>What its steps leave open; null where they do not say.</summary>
    public SessionPending? Pending { get; init; }

    /// <summary>An action of it was claimed, and its result is not overdue.</summary>
    public bool ClaimedCall { get; init; }

    /// <summary>A session that it started is under way.</summary>
    public bool ChildUnderWay { get; init; }

    /// <summary>The one place that tells what a session is at.</summary>
    public SessionActivity At(DateTimeOffset now) => State switch
    {
        SessionState.Running => AtWork(now - LastActivityAt, HeartbeatAt is { } heartbeat && now - heartbeat <= AliveWithin),
        SessionState.Waiting => SessionActivity.Waiting,
        SessionState.Paused or SessionState.TakenOver or SessionState.Stopping => SessionActivity.Held,
        SessionState.Lost => SessionActivity.Lost,
        _ => SessionActivity.Over,
    };

    private SessionActivity AtWork(TimeSpan silent, bool alive)
    {
        if (silent <= Quiet)
        {
            return SessionActivity.Working;
        }

        if (ChildUnderWay)
        {
            return SessionActivity.OnChild;
        }

        var believed = alive ? CallAliveAtMost : CallAtMost;
        return ClaimedCall || (Pending is SessionPending.Model or SessionPending.Tool && silent <= believed) ? SessionActivity.InCall
            : Pending == SessionPending.Nothing ? SessionActivity.BetweenTurns
            : SessionActivity.Silent;
    }
}

public static class SessionActivities
{
    /// <summary>Its parent has somebody to wait for.</summary>
    public static bool IsUnderWay(this SessionActivity activity) => activity is SessionActivity.Working or SessionActivity.InCall or SessionActivity.OnChild or SessionActivity.Waiting;
}
