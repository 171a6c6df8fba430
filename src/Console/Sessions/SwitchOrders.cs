using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Switching a tool or an action type off and on over the whole fleet, as a person does it on a page.</summary>
public sealed class SwitchOrders(Deeds deeds, SwitchOff command, FleetQueries fleet, CurrentCaller caller)
{
    public async Task OffAsync()
    {
        var names = await fleet.NamesInUseAsync(await caller.GetAsync(), CancellationToken.None);
        if (await SwitchOffDialog.AskAsync(deeds.Dialogs, names) is { } order)
        {
            await GiveAsync(order.What, order.Name, order.Reason, off: true, $"Switched off: {order.What} {order.Name}.");
        }
    }

    public async Task OnAsync(SwitchedOffReading off)
    {
        var (what, word) = off.Tool is null ? (SwitchOff.Type, "action type") : (SwitchOff.Tool, "tool");
        var name = (off.Tool ?? off.Type)!;
        var reason = await deeds.AskAsync(
            $"Switch on {word} {name}?", "The policy decides on it again. What was cancelled or made void stays so; agents ask anew.", "Switch on");
        if (reason is not null)
        {
            await GiveAsync(what, name, reason, off: false, $"Switched on: {word} {name}.");
        }
    }

    private async Task GiveAsync(string what, string name, string reason, bool off, string done) =>
        await deeds.TryAsync(done, async () => await command.HandleAsync(await caller.GetAsync(), what, name, reason, off, CancellationToken.None));
}
