using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.ReadBack;

/// <summary>
/// Orders that one look found, and what was ordered then: a stop of the fleet concerns every connection of the process, and is told to all of
/// them from one reading.
/// </summary>
/// <param name="After">Commands after this number were looked for.</param>
/// <param name="UpTo">The last that was found.</param>
/// <param name="General">Those to agents and to the fleet.</param>
/// <param name="Sessions">The sessions that others were to, and <paramref name="Agents"/> whose they are.</param>
/// <param name="States">What is ordered by scope, read after the commands.</param>
internal sealed record OrdersSeen(
    long After, long UpTo, IReadOnlyList<ControlCommand> General, IReadOnlySet<string> Sessions, IReadOnlySet<string> Agents,
    IReadOnlyDictionary<string, ControlState> States, IReadOnlyList<SwitchedOffReading> Disabled)
{
    /// <summary>Commands read at once.</summary>
    internal const int Page = 500;

    private const string OfSession = "session:";

    /// <summary>Null when there are none.</summary>
    public static async Task<OrdersSeen?> ReadAsync(HandrailDb db, long after, CancellationToken cancel)
    {
        var commands = await db.ControlCommands.AsNoTracking().Where(c => c.Seq > after).OrderBy(c => c.Seq).Take(Page).ToListAsync(cancel);
        if (commands.Count == 0)
        {
            return null;
        }

        var sessions = commands.Where(c => c.Scope.StartsWith(OfSession, StringComparison.Ordinal)).Select(c => c.Scope[OfSession.Length..]).ToHashSet(StringComparer.Ordinal);
        var agents = sessions.Count == 0 ? [] : await db.Sessions.Where(s => EF.Parameter(sessions).Contains(s.Id)).Select(s => s.Agent).ToHashSetAsync(cancel);
        var states = await db.ScopeControls.AsNoTracking().Where(c => c.State != ControlState.Running).ToDictionaryAsync(c => c.Scope, c => c.State, cancel);
        return new OrdersSeen(
            after, commands[^1].Seq, commands.FindAll(c => !c.Scope.StartsWith(OfSession, StringComparison.Ordinal)), sessions, agents, states, await SwitchedOffReading.ReadAsync(db, cancel))
        {
            IsWhole = commands.Count < Page,
        };
    }

    /// <summary>False when there may be more.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>Whether any of them is to one of the agent's sessions, or to one of those that somebody listens for.</summary>
    public bool ConcernsSessionsOf(string agent, IReadOnlySet<string>? sessions) => Agents.Contains(agent) || sessions?.Overlaps(Sessions) == true;

    /// <summary>Those to the agent itself, or to the fleet.</summary>
    public IEnumerable<ControlCommand> To(string agent) => General.Where(c => c.Scope == Scopes.Fleet || c.Scope == Scopes.Agent(agent));

    /// <summary>What rules an agent outside of any session.</summary>
    public ControlState StateOf(string agent) =>
        ControlQueries.Strictest(States.GetValueOrDefault(Scopes.Fleet), [States.GetValueOrDefault(Scopes.Agent(agent))]);
}
