using Handrail.Live;
using Handrail.Store;
using Microsoft.AspNetCore.Components;

namespace Handrail.Shell;

/// <summary>
/// A page that shows the committed state and keeps showing it: it listens to the hints of its topics, reads again at most four
/// times a second, and now and then by itself because hints may be lost. What fails goes to the error boundary; but while the database
/// can't be asked, the page stays as it was, says so (<see cref="Viewer.StaleSince"/>), and tries again: somebody may have to stop an agent from it.
/// </summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    /// <summary>The shortest time between two readings that hints cause.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest time without a reading; relative times on the page move with it.</summary>
    public static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _gone = new();
    private readonly SemaphoreSlim _reading = new(1, 1);
    private CancellationTokenSource? _following;
    private Hints.Listener? _listener;
    private string? _topics;
    private DateTimeOffset? _read;

    [Inject]
    public required Hints Hints { get; set; }

    [Inject]
    public required TimeProvider Time { get; set; }

    [CascadingParameter]
    public Viewer? Viewer { get; set; }

    /// <summary>The moment of the last reading: what relative times on the page count from.</summary>
    protected DateTimeOffset Now { get; private set; }

    /// <summary>What the page listens to; looked at again whenever its parameters change.</summary>
    protected abstract LiveTopics Topics { get; }

    /// <summary>Reads all that the page shows. Never runs twice at once.</summary>
    protected abstract Task LoadAsync(CancellationToken cancel);

    protected override Task OnParametersSetAsync()
    {
        var topics = Topics;
        if (_topics != topics.Name)
        {
            Follow(topics);
        }

        return RefreshAsync();
    }

    /// <summary>Reads now: after the page's parameters changed, or after the person did something.</summary>
    protected async Task RefreshAsync()
    {
        try
        {
            await _reading.WaitAsync(_gone.Token);
            try
            {
                var at = Time.GetUtcNow();
                try
                {
                    Now = at;
                    await LoadAsync(_gone.Token);
                    _read = at;
                    Viewer?.WasRead(at);
                }
                catch (Exception e) when (Viewer is not null && StorageFault.Is(e) && !_gone.IsCancellationRequested)
                {
                    Viewer.WasNotRead(at, _read);
                }
            }
            finally
            {
                _reading.Release();
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }

    /// <summary>Does what takes longer than a reading beside the page; it is given up when the page is left, and what fails goes to the error boundary.</summary>
    protected void Beside(Func<CancellationToken, Task> work) => _ = InvokeAsync(async () =>
    {
        try
        {
            await work(_gone.Token);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    });

    private void Follow(LiveTopics topics)
    {
        Forget();
        _topics = topics.Name;
        // Listening starts before the first reading, so that nothing falls between the two.
        _listener = topics.Listen(Hints);
        _following = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        _ = FollowAsync(topics, _listener, _following.Token);
    }

    private async Task FollowAsync(LiveTopics topics, Hints.Listener listener, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var due = Time.GetUtcNow() + OwnLook;
                IReadOnlySet<Hint>? heard;
                do
                {
                    var left = due - Time.GetUtcNow();
                    heard = left > TimeSpan.Zero ? await listener.NextAsync(left, Time, cancel) : null;
                }
                while (!topics.Concern(heard));

                if (Viewer is not null)
                {
                    await Viewer.UntilVisibleAsync(cancel);
                }

                await InvokeAsync(async () =>
                {
                    await RefreshAsync();
                    StateHasChanged();
                });
                await Task.Delay(Pace, Time, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Another topic, or nobody looks any more.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private void Forget()
    {
        _following?.Cancel();
        _following?.Dispose();
        _following = null;
        _listener?.Dispose();
        _listener = null;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_gone.IsCancellationRequested)
        {
            _gone.Cancel();
            Forget();
        }
    }
}
