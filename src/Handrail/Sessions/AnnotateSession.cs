using Handrail.Access;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>What an agent says of its session; null members leave what is known.</summary>
public sealed record SessionNote
{
    public string? Agent { get; init; }

    public string? AgentVersion { get; init; }

    public string? User { get; init; }

    public string? Title { get; init; }

    public string? ParentSessionId { get; init; }

    public string? MetadataJson { get; init; }
}

/// <summary>Opens a session, or says more of one.</summary>
public sealed class AnnotateSession(HandrailStore store)
{
    /// <returns>The session's id: another than asked for where a provisional one has moved.</returns>
    /// <exception cref="Refusal">The session or the agent is another team's, or a new session names no agent.</exception>
    public Task<string> HandleAsync(Caller caller, string sessionId, SessionNote note, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            var known = await unit.Db.LockSessionAsync(sessionId, cancel);
            if (known is not null && !caller.MaySee(known.Team, known.Agent))
            {
                throw Refusal.NotFound($"session '{sessionId}'");
            }

            var agent = note.Agent ?? known?.Agent ?? (caller.Agents is [var only] ? only : throw Refusal.Invalid("agent", "is required for a new session."));
            caller.DemandAgent(agent);
            if (note.ParentSessionId is { } parentId && (parentId == sessionId || (await unit.Db.FindSessionAsync(parentId, cancel) is { } parent && parent.Team != caller.Team)))
            {
                throw Refusal.Invalid("parent_session_id", "must name another session of your team.");
            }

            await OpenSession.EnsureAgentAsync(unit, caller, agent, cancel);
            var session = await OpenSession.EnsureAsync(unit, caller, sessionId, agent, cancel);
            if (!await unit.Db.SessionAgents.AnyAsync(a => a.SessionId == session.Id && a.Agent == agent, cancel))
            {
                unit.Db.SessionAgents.Add(new SessionAgent { SessionId = session.Id, Agent = agent });
            }

            session.AgentVersion = note.AgentVersion ?? session.AgentVersion;
            session.User = note.User ?? session.User;
            session.Title = note.Title ?? session.Title;
            session.ParentSessionId = note.ParentSessionId ?? session.ParentSessionId;
            session.MetadataJson = note.MetadataJson ?? session.MetadataJson;
            session.Touch(unit.Now);
            if (note.ParentSessionId is not null)
            {
                await ControlSession.StopWithParentAsync(unit, session, cancel);
            }

            unit.Tell(HintKind.Session, session.Id);
            return session.Id;
        },
        cancel);
}
