using Microsoft.JSInterop;

namespace Handrail.Shell;

/// <summary>What the person's browser says of itself: its time zone, and whether anybody sees the tab.</summary>
public sealed class Viewer
{
    private TaskCompletionSource? _hidden;

    /// <summary>UTC until the browser has said otherwise.</summary>
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary>An IANA name; one we don't know leaves the zone as it was.</summary>
    public void SetZone(string? name)
    {
        if (name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            Zone = zone;
        }
    }

    [JSInvokable]
    public void Seen(bool visible)
    {
        if (visible)
        {
            _hidden?.TrySetResult();
            _hidden = null;
        }
        else
        {
            _hidden ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Done at once while the tab is visible: a hidden one need not be redrawn.</summary>
    public Task UntilVisibleAsync(CancellationToken cancel) => _hidden?.Task.WaitAsync(cancel) ?? Task.CompletedTask;
}
