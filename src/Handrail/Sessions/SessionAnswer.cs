namespace Handrail.Sessions;

/// <summary>A session as answers show it when control is the matter; the whole of it is <c>GET /api/v1/sessions/{id}</c>.</summary>
public sealed record SessionAnswer(string SessionId, string Agent, SessionState State, ControlState Control, long Version)
{
    public static SessionAnswer Of(Session session) => new(session.Id, session.Agent, session.State, session.Control, session.Version);
}
