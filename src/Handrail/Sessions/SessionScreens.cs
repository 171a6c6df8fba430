using Handrail.Access;
using Handrail.Actions;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Gathers what the page of one session shows.</summary>
public sealed class SessionScreens(
    HandrailStore store, SessionQueries sessions, StepQueries steps, ActionQueries actions, ControlQueries control, PolicySnapshots policies)
{
    /// <summary>Steps shown when nobody has asked for more.</summary>
    public const int FirstSteps = 300;

    /// <summary>Steps shown at most: beyond, the oldest go.</summary>
    private const int MostSteps = 1_500;

    private const int MostChildren = 20;

    /// <param name="earlier">How many of the oldest steps to leave out: the same number again keeps what is shown in place while steps come in. Null for the newest only.</param>
    /// <exception cref="Refusal">There is no such session, or none for this caller.</exception>
    public async Task<SessionScreen> ReadAsync(Caller caller, string id, int? earlier, CancellationToken cancel)
    {
        var session = await sessions.OneAsync(caller, id, cancel);
        var leftOut = Math.Max(earlier ?? session.Steps - FirstSteps, session.Steps - MostSteps) is > 0 and var many ? many : 0;
        var scopes = new[] { Scopes.Fleet, Scopes.Agent(session.Agent) };
        return new SessionScreen
        {
            Session = session,
            Steps = await steps.NewestAsync(caller, session.SessionId, Math.Max(FirstSteps, session.Steps - leftOut), cancel),
            Earlier = leftOut,
            Decisions = await actions.OfSessionAsync(caller, session.SessionId, cancel),
            Commands = await control.ProgressAsync(caller, session.SessionId, cancel),
            Tools = await store.ReadAsync(db => ToolsAsync(db, session, cancel), cancel),
            Children = await store.ReadAsync(
                db => db.Sessions.Where(s => s.ParentSessionId == session.SessionId && s.MovedTo == null).OrderByDescending(s => s.StartedAt).Select(s => s.Id).Take(MostChildren).ToListAsync(cancel),
                cancel),
            Held = [.. (await control.HeldScopesAsync(caller, cancel)).Where(s => scopes.Contains(s.Scope))],
        };
    }

    private async Task<List<UsedTool>> ToolsAsync(HandrailDb db, SessionReading session, CancellationToken cancel)
    {
        var used = await db.SessionTools.Where(t => t.SessionId == session.SessionId).OrderBy(t => t.FirstUsedAt).ToListAsync(cancel);
        if (used.Count == 0)
        {
            return [];
        }

        var layers = await policies.LayersAsync(db, session.Agent, await PolicySnapshots.VersionsAsync(db, session.Agent, forDecision: false, cancel), cancel);
        return used.ConvertAll(t => new UsedTool(t.Tool, t.FirstUsedAt, Taint.Labels(layers, [t.Tool])));
    }
}
