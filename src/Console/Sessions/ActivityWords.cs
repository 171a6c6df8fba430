using Handrail.Shell.Display;

namespace Handrail.Sessions;

/// <summary>Why a silent session is said to be at what it is at, in a sentence from our own figures.</summary>
public static class ActivityWords
{
    /// <summary>Null where the state's own word says all.</summary>
    /// <param name="children">Sessions that it started.</param>
    public static string? Of(SessionReading session, int children, DateTimeOffset now)
    {
        var silent = Figures.Length(now - session.LastActivityAt);
        var alive = session.HeartbeatAt is not { } heartbeat ? null
            : now - heartbeat <= ActivityEvidence.AliveWithin ? " Its process is there: it asks for orders or sends metrics."
            : $" Its process gave its last sign of life {Figures.Relative(heartbeat, now)}.";
        return session.Activity switch
        {
            SessionActivity.InCall when session.Pending == SessionPending.Model => $"Nothing has come of it for {silent}: its model's answer is due, or a tool that the gate let go runs.{alive}",
            SessionActivity.InCall => $"Nothing has come of it for {silent}: a tool call is open.{alive}",
            SessionActivity.OnChild => $"Nothing has come of it for {silent}, but {(children == 1 ? "the session that it started is" : "a session that it started is")} under way.",
            SessionActivity.BetweenTurns => $"Its last turn was complete {silent} ago; nobody has asked for another since.",
            SessionActivity.Silent when session.Pending is SessionPending.Model or SessionPending.Tool =>
                $"It may be stuck: nothing has come of it for {silent}, in the middle of a turn, which is longer than a call mostly takes.{alive}",
            SessionActivity.Silent => $"Nothing has come of it for {silent}, and nothing is known that it waits for.{alive}",
            SessionActivity.Lost => $"Nothing has come of it for {silent}, which is longer than its agent's silence limit.{alive}",
            _ => null,
        };
    }
}
