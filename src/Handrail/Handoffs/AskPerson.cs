using Handrail.Access;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>What an agent asks a person.</summary>
public sealed record PersonRequest
{
    public required string HandoffId { get; init; }

    public required string Agent { get; init; }

    public required HandoffKind Kind { get; init; }

    public required string Summary { get; init; }

    public string? Detail { get; init; }

    public string? User { get; init; }

    public string? OptionsJson { get; init; }

    public string? AnswerSchemaJson { get; init; }

    public double? Confidence { get; init; }

    /// <summary>SHA-256 over the canonical body.</summary>
    public required string Digest { get; init; }
}

/// <summary>An agent asks a person a question, or hands a matter over.</summary>
public sealed class AskPerson(HandrailStore store)
{
    /// <summary>Opens the handoff; the same request again gets the same one.</summary>
    /// <exception cref="Refusal">Another agent or team, another body under the same id, or a session that is held or stopped.</exception>
    public Task<HandoffAnswer> HandleAsync(Caller caller, string sessionId, PersonRequest request, CancellationToken cancel)
    {
        caller.DemandAgent(request.Agent);
        return store.WriteAsync(
            async unit =>
            {
                await OpenSession.EnsureAgentAsync(unit, caller, request.Agent, cancel);
                var session = await OpenSession.EnsureAsync(unit, caller, sessionId, request.Agent, cancel);
                var known = await unit.Db.Handoffs.SingleOrDefaultAsync(h => h.Id == request.HandoffId, cancel);
                if (known is not null)
                {
                    return known.Team == caller.Team && known.SessionId == session.Id && known.Digest == request.Digest
                        ? HandoffAnswer.Of(known, unit.Now)
                        : throw Refusal.Conflict($"The handoff id '{request.HandoffId}' is already used for another request.");
                }

                var state = ControlQueries.Strictest(session.Control, await ControlQueries.ScopeStatesAsync(unit.Db, request.Agent, session.Agent, cancel));
                if (state == ControlState.Stopped)
                {
                    throw Refusal.Conflict("The session is stopped: nothing is asked any more.", SessionAnswer.Of(session));
                }

                var handoff = new Handoff
                {
                    Id = request.HandoffId,
                    Team = session.Team,
                    Kind = request.Kind,
                    SessionId = session.Id,
                    Agent = request.Agent,
                    User = request.User ?? session.User,
                    Summary = request.Summary,
                    Detail = request.Detail,
                    OptionsJson = request.OptionsJson,
                    AnswerSchemaJson = request.AnswerSchemaJson,
                    Confidence = request.Confidence,
                    Digest = request.Digest,
                    ReasonsJson = "[]",
                    OnTimeout = "hold",
                    OpenedAt = unit.Now,
                };
                unit.Db.Handoffs.Add(handoff);
                Notices.Opened(unit, handoff);
                session.OpenHandoffs++;
                session.LastActivityAt = unit.Now;
                session.Restate();
                unit.Tell(HintKind.Handoff, handoff.Id);
                unit.Tell(HintKind.Session, session.Id);
                return HandoffAnswer.Of(handoff, unit.Now);
            },
            cancel);
    }
}
