using Handrail.Access;
using Handrail.Live;
using Handrail.Shell.Display;
using Handrail.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Handrail.Handoffs;

/// <summary>
/// How many wait for a person: beside the way to the Inbox, in the tab's title and icon, and, where the person asked for it, as a notification of the
/// browser. It goes on while nobody sees the tab: that is when it is needed.
/// </summary>
public partial class WaitingSign
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _gone = new();
    private IJSObjectReference? _module;
    private DateTimeOffset? _newest;
    private int _waiting;

    [Inject]
    public required OpenQueue Queue { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Hints Hints { get; set; }

    [Inject]
    public required TimeProvider Time { get; set; }

    [Inject]
    public required IJSRuntime Script { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Handoffs/WaitingSign.razor.js"]);
            _ = FollowAsync();
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        _gone.Dispose();
        try
        {
            if (_module is not null)
            {
                await _module.InvokeVoidAsync("show", 0);
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // Nothing left to show it on.
        }

        GC.SuppressFinalize(this);
    }

    private async Task FollowAsync()
    {
        using var listener = Hints.ListenToAll(HintKind.Handoff);
        var over = _gone.Token;
        try
        {
            while (true)
            {
                await InvokeAsync(() => LookAsync(over));
                await listener.NextAsync(OwnLook, Time, over);
                await Task.Delay(Pace, Time, over);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or JSDisconnectedException or ObjectDisposedException)
        {
            // Nobody looks any more.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        QueueReading queue;
        try
        {
            queue = await Queue.ReadAsync(await Caller.GetAsync(), cancel);
        }
        catch (Exception e) when (StorageFault.Is(e) && !cancel.IsCancellationRequested)
        {
            // The page says that the database can't be asked; the sign is no reason to lose it.
            return;
        }

        var fresh = _newest is null ? [] : queue.Rows.Where(r => r.Kind.HoldsUp() && r.OpenedAt > _newest).Take(2).ToList();
        _newest = queue.Rows.Select(r => (DateTimeOffset?)r.OpenedAt).Append(_newest ?? DateTimeOffset.MinValue).Max();

        if (_waiting != queue.Waiting)
        {
            _waiting = queue.Waiting;
            await _module!.InvokeVoidAsync("show", cancel, _waiting);
            StateHasChanged();
        }

        if (fresh.Count > 0)
        {
            await _module!.InvokeVoidAsync("tell", cancel, Words(fresh), fresh.Count == 1 ? fresh[0].Id : null);
        }
    }

    /// <summary>Our own fields, and none of the agent's words: a notification lies where others see it.</summary>
    private static string Words(List<InboxRow> fresh)
    {
        if (fresh.Count > 1)
        {
            return "Several handoffs have come in.";
        }

        var row = fresh[0];
        var amount = row.Amount is null ? "" : $", {Figures.Money(row.Amount, row.Currency)}";
        return $"{HandoffWords.Kind(row.Kind).Word}{amount}";
    }
}
