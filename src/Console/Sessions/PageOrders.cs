using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>An order to a session, an agent or the fleet, as a person gives it on a page: what a stop reaches is said, the reason asked, the result told.</summary>
public sealed class PageOrders(Deeds deeds, ControlSession sessions, ControlScope scopes, Brake brake, CurrentCaller caller)
{
    /// <param name="agent">Null for the fleet.</param>
    /// <returns>False when the person thought better of it.</returns>
    public Task<bool> ToScopeAsync(string? agent, ControlKind kind) => GiveAsync(
        OrderWords.ForScope(agent, kind), kind,
        by => brake.ReachOfScopeAsync(by, agent),
        async (by, reason) => (await brake.ScopeAsync(by, agent, kind, reason)).Latched,
        (by, reason) => scopes.HandleAsync(by, agent, kind, reason, CancellationToken.None));

    /// <returns>False when the person thought better of it.</returns>
    public Task<bool> ToSessionAsync(string sessionId, ControlKind kind) => GiveAsync(
        OrderWords.ForSession(kind), kind,
        by => brake.ReachAsync(by, sessionId),
        async (by, reason) => (await brake.SessionAsync(by, sessionId, kind, reason, null)).Latched,
        (by, reason) => sessions.HandleAsync(by, sessionId, kind, reason, null, null, CancellationToken.None));

    /// <param name="tighten">Stops or pauses, whatever state the database is in.</param>
    /// <param name="other">Carries out every other order.</param>
    private async Task<bool> GiveAsync(
        OrderWords words, ControlKind kind, Func<Caller, Task<StopReach?>> reach, Func<Caller, string, Task<LatchedOrder?>> tighten, Func<Caller, string, Task> other)
    {
        var by = await caller.GetAsync();
        if (kind == ControlKind.Stop)
        {
            words = words.Reaching(await reach(by));
        }

        var required = kind is not (ControlKind.Resume or ControlKind.TakeOver);
        if (await deeds.AskAsync(words.Question, words.Effect, words.Deed, required, words.Colour) is not { } reason)
        {
            return false;
        }

        // Who it is is asked again: the dialog may have stood open for long.
        _ = kind is ControlKind.Stop or ControlKind.Pause
            ? await deeds.TryAsync(async () => words.Said(await tighten(await caller.GetAsync(), reason)))
            : await deeds.TryAsync(words.Done, async () => await other(await caller.GetAsync(), reason));
        return true;
    }
}
