namespace Handrail.Sessions;

/// <summary>Where a session stands (contract: Sessions).</summary>
public enum SessionState
{
    Running,

    /// <summary>A person owes an answer.</summary>
    Waiting,
    Paused,
    TakenOver,

    /// <summary>Told to stop, not yet confirmed by the agent.</summary>
    Stopping,
    Stopped,
    Completed,
    Failed,
    Abandoned,

    /// <summary>Silent for longer than its agent's silence limit.</summary>
    Lost,
}
