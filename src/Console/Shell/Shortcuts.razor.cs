using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace Handrail.Shell;

/// <summary>The keys of a page: heard wherever the focus is, except while somebody types; listed by <c>?</c>.</summary>
public sealed partial class Shortcuts : IAsyncDisposable
{
    private static readonly DialogOptions Look = new() { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true, CloseOnEscapeKey = true };

    private bool _listed;
    private IJSObjectReference? _module;
    private IJSObjectReference? _listening;
    private DotNetObjectReference<Shortcuts>? _self;

    [Inject]
    public required IJSRuntime Script { get; set; }

    /// <summary>Looked at once.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<Shortcut> Keys { get; set; }

    [Parameter]
    public EventCallback<ShortcutPress> Pressed { get; set; }

    [JSInvokable]
    public Task Press(string key, string? subject)
    {
        if (key != "?")
        {
            return Pressed.InvokeAsync(new ShortcutPress(key, subject));
        }

        _listed = true;
        StateHasChanged();
        return Task.CompletedTask;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Shell/Shortcuts.razor.js"]);
            _self = DotNetObjectReference.Create(this);
            _listening = await _module.InvokeAsync<IJSObjectReference>("listen", _self, Keys.Append(new Shortcut("?", "")));
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone already.
        }
    }

    private static string Name(string key) => key == "Escape" ? "Esc" : key;

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_listening is not null)
            {
                await _listening.InvokeVoidAsync("end");
                await _listening.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // Nothing left to listen to.
        }

        _self?.Dispose();
    }
}
