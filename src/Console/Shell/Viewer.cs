using Microsoft.JSInterop;

namespace Handrail.Shell;

/// <summary>What the person's browser says of itself: its time zone, and whether anybody sees the tab.</summary>
public sealed class Viewer
{
    private TaskCompletionSource? _hidden;

    /// <summary>The page could not be read, or can be again.</summary>
    public event Action? FreshnessChanged;

    /// <summary>Since when the page could not be read, because the database can't be asked; null while it can.</summary>
    public DateTimeOffset? StaleSince { get; private set; }

    /// <summary>The moment of the page's last reading; null where it never was read.</summary>
    public DateTimeOffset? LastRead { get; private set; }

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

    /// <summary>The page was read at that moment, and shows it.</summary>
    public void WasRead(DateTimeOffset at)
    {
        LastRead = at;
        if (StaleSince is not null)
        {
            StaleSince = null;
            FreshnessChanged?.Invoke();
        }
    }

    /// <summary>The page tried to read, and the database did not answer.</summary>
    /// <param name="lastRead">What it still shows; null for nothing.</param>
    public void WasNotRead(DateTimeOffset at, DateTimeOffset? lastRead)
    {
        LastRead = lastRead;
        if (StaleSince is null)
        {
            StaleSince = at;
            FreshnessChanged?.Invoke();
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
