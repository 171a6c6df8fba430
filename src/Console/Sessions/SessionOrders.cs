using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>An order to one session, as a person gives it on a page: what a stop reaches is said, the reason asked, the result told.</summary>
public sealed class SessionOrders(Deeds deeds, ControlSession control, Brake brake, CurrentCaller caller)
{
    /// <returns>False when the person thought better of it.</returns>
    public async Task<bool> GiveAsync(string sessionId, ControlKind kind)
    {
        var words = OrderWords.ForSession(kind);
        if (kind == ControlKind.Stop)
        {
            words = words.Reaching(await brake.ReachAsync(await caller.GetAsync(), sessionId));
        }

        if (await deeds.AskAsync(words.Question, words.Effect, words.Deed, required: kind is not (ControlKind.Resume or ControlKind.TakeOver), colour: words.Colour) is not { } reason)
        {
            return false;
        }

        if (kind is ControlKind.Stop or ControlKind.Pause)
        {
            await deeds.TryAsync(async () => words.Said((await brake.SessionAsync(await caller.GetAsync(), sessionId, kind, reason, null)).Latched));
        }
        else
        {
            await deeds.TryAsync(words.Done, async () => await control.HandleAsync(await caller.GetAsync(), sessionId, kind, reason, null, null, CancellationToken.None));
        }

        return true;
    }
}
