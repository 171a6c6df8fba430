using Handrail.Access;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>How an agent says its session ended.</summary>
public sealed record SessionEnd(string Outcome)
{
    public string? Summary { get; init; }

    public SessionValue? Value { get; init; }

    public SessionUnits? Units { get; init; }
}

/// <summary>The agent has ended its session, or the person who had taken it over. Spans that were still on their way do not open it again.</summary>
public sealed class EndSession(HandrailStore store)
{
    /// <returns>The session's id.</returns>
    /// <exception cref="Refusal">There is none for this caller, or it has ended otherwise.</exception>
    public Task<string> HandleAsync(Caller caller, string sessionId, SessionEnd end, CancellationToken cancel)
    {
        if (caller.Kind == CallerKind.Person)
        {
            caller.DemandSomewhere(Permission.Decide);
        }
        else
        {
            caller.Demand(Permission.ActAsAgent);
        }

        return store.WriteAsync(
            async unit =>
            {
                var session = await unit.Db.LockKnownSessionAsync(caller, sessionId, cancel);
                if (caller.Kind == CallerKind.Person)
                {
                    await unit.Db.DemandForSessionAsync(caller, Permission.Decide, session, cancel);
                }

                if (caller.Kind == CallerKind.Person && (session.Control != ControlState.TakenOver || session.TakenOverBy != caller.Name))
                {
                    throw Refusal.Conflict("Only who has taken a session over ends it; another one is stopped.", SessionAnswer.Of(session));
                }

                if (session.EndedAt is not null && session.Outcome != end.Outcome)
                {
                    throw Refusal.Conflict($"The session has ended already: {session.Outcome}.", SessionAnswer.Of(session));
                }

                if (session.EndedAt is null)
                {
                    session.EndedAt = unit.Now;
                    session.Outcome = end.Outcome;
                    session.Version++;
                }

                session.Summary = end.Summary ?? session.Summary;
                (session.ValueAmount, session.ValueCurrency) = end.Value is { } value ? (value.Amount, value.Currency) : (session.ValueAmount, session.ValueCurrency);
                (session.UnitsName, session.UnitsCount) = end.Units is { } units ? (units.Name, units.Count) : (session.UnitsName, session.UnitsCount);
                session.Touch(unit.Now);
                if (session.Control == ControlState.TakenOver)
                {
                    TakeOverLease.Resolve(unit, await TakeOverLease.FindAsync(unit, session.Id, cancel), caller.Name, "end", end.Summary);
                }

                if (caller.Kind == CallerKind.Person)
                {
                    unit.Record(new AuditEntry(caller, "session.end", $"session:{session.Id}") { Reason = end.Summary, Before = new { control = session.Control }, After = new { outcome = end.Outcome } });

                    // The agent is out of it for good: nothing that it still asks is let go.
                    await ControlSession.ApplyAsync(unit, session, caller, ControlKind.Stop, end.Summary, JsonText.Of(new { end.Outcome, note = end.Summary }), cancel);
                }

                session.Restate();
                unit.Tell(HintKind.Session, session.Id);
                return session.Id;
            },
            cancel);
    }
}
