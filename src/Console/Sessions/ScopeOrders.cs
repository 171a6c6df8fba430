using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>An order to an agent, or to the fleet, as a person gives it on a page: what a stop reaches is said, the reason asked, the result told.</summary>
public sealed class ScopeOrders(Deeds deeds, ControlScope control, Brake brake, CurrentCaller caller)
{
    /// <param name="agent">Null for the fleet.</param>
    /// <returns>False when the person thought better of it.</returns>
    public async Task<bool> GiveAsync(string? agent, ControlKind kind)
    {
        var words = OrderWords.ForScope(agent, kind);
        if (kind == ControlKind.Stop)
        {
            words = words.Reaching(await brake.ReachOfScopeAsync(await caller.GetAsync(), agent));
        }

        if (await deeds.AskAsync(words.Question, words.Effect, words.Deed, required: kind != ControlKind.Resume, colour: words.Colour) is not { } reason)
        {
            return false;
        }

        if (kind == ControlKind.Resume)
        {
            await deeds.TryAsync(words.Done, async () => await control.HandleAsync(await caller.GetAsync(), agent, kind, reason, CancellationToken.None));
        }
        else
        {
            await deeds.TryAsync(async () => words.Said((await brake.ScopeAsync(await caller.GetAsync(), agent, kind, reason)).Latched));
        }

        return true;
    }
}
