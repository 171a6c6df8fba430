using Handrail.Access;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Policies;

/// <summary>Which of the changed actions of a preview a person looks at.</summary>
/// <param name="Title">What they have in common, in words.</param>
public sealed record PreviewList(string Title, Verdict? From, Verdict? To, PeopleDecision? People);

/// <summary>
/// What one draft would have changed on actions of the past: begun anew whenever the draft changes, given up when it changes again. Whoever begins it waits for its end; what
/// is heard of it meanwhile is told.
/// </summary>
public sealed partial class DraftPreview(PreviewQueries queries, TimeProvider time, ILogger log, Action told) : IDisposable
{
    private CancellationTokenSource? _running;
    private CancellationTokenSource? _listing;
    private (Caller Caller, string Scope, string Json)? _draft;
    private (string Json, int Days)? _known;
    private string? _cursor;

    /// <summary>The periods to choose from, in days back from now.</summary>
    public static IReadOnlyList<int> Periods { get; } = [1, 7, 30, 90];

    public int Days { get; private set; } = 30;

    public bool Running => _running is not null;

    public PreviewProgress? Progress { get; private set; }

    /// <summary>What would have changed; null while that is not known.</summary>
    public PolicyPreview? Result { get; private set; }

    /// <summary>Why it is not known.</summary>
    public string? Refused { get; private set; }

    /// <summary>A person gave it up.</summary>
    public bool Cancelled { get; private set; }

    /// <summary>The actions that are looked at; null for none.</summary>
    public PreviewList? Open { get; private set; }

    public IReadOnlyList<PreviewItem> Items { get; private set; } = [];

    public bool Listing => _listing is not null;

    /// <summary>More of them come after those.</summary>
    public bool More => _cursor is not null;

    /// <summary>Goes on with what the draft now says; does nothing while that is known or under way.</summary>
    public Task FollowAsync(Caller caller, LayerDraft draft)
    {
        if (draft.Document is not { } document || draft.Empty)
        {
            Forget();
            return Task.CompletedTask;
        }

        _draft = (caller, draft.Start.Scope, document.ToJson());
        return _known == (_draft.Value.Json, Days) ? Task.CompletedTask : RunAsync();
    }

    /// <summary>Looks at another period.</summary>
    public Task LookAsync(int days)
    {
        Days = days;
        return RunAsync();
    }

    public Task AgainAsync() => RunAsync();

    /// <summary>Gives it up; what was known before is gone.</summary>
    public void Cancel()
    {
        Stop(ref _running);
        Cancelled = true;
    }

    /// <summary>Shows actions that would have had another verdict; null hides them.</summary>
    public Task OpenAsync(PreviewList? list)
    {
        (Open, Items, _cursor) = (list, [], null);
        return MoreAsync();
    }

    public async Task MoreAsync()
    {
        Stop(ref _listing);
        if (Open is not { } list || _draft is not { } draft || Result is not { } result)
        {
            return;
        }

        var mine = _listing = new CancellationTokenSource();
        try
        {
            var question = new PreviewQuestion(result.Since) { From = list.From, To = list.To, People = list.People, Cursor = _cursor, Limit = 50 };
            var page = await queries.ReadAsync(draft.Caller, draft.Scope, JsonText.Element(draft.Json)!.Value, question, null, mine.Token);
            mine.Token.ThrowIfCancellationRequested();
            (Items, _cursor) = ([.. Items, .. page.Items], page.NextCursor);
        }
        catch (Exception) when (mine.IsCancellationRequested)
        {
            // Something else is looked at.
        }
        catch (Exception e)
        {
            Fail(e);
        }
        finally
        {
            End(ref _listing, mine);
        }
    }

    public void Dispose() => Forget();

    private async Task RunAsync()
    {
        if (_draft is not { } draft)
        {
            return;
        }

        Stop(ref _running);
        Stop(ref _listing);
        var mine = _running = new CancellationTokenSource();
        _known = (draft.Json, Days);
        (Result, Progress, Refused, Cancelled, Open, Items, _cursor) = (null, null, null, false, null, [], null);
        told();
        try
        {
            var progress = new Heard(this, mine);
            var question = new PreviewQuestion(time.GetUtcNow().AddDays(-Days)) { Limit = 1 };
            var result = await queries.ReadAsync(draft.Caller, draft.Scope, JsonText.Element(draft.Json)!.Value, question, progress, mine.Token);
            mine.Token.ThrowIfCancellationRequested();
            Result = result;
        }
        catch (Exception) when (mine.IsCancellationRequested)
        {
            // The draft moved on, or a person gave it up.
        }
        catch (Exception e)
        {
            Fail(e);
        }
        finally
        {
            End(ref _running, mine);
            told();
        }
    }

    /// <summary>Whatever goes wrong, the draft stays: an error here is never the page's.</summary>
    private void Fail(Exception error)
    {
        if (error is not Refusal)
        {
            Failed(log, error);
        }

        Refused = error is Refusal ? error.Message : "The preview failed; the console's log says why.";
    }

    [LoggerMessage(LogLevel.Error, "A draft could not be tried on past actions")]
    private static partial void Failed(ILogger log, Exception error);

    private void Forget()
    {
        Stop(ref _running);
        Stop(ref _listing);
        (_draft, _known, Result, Progress, Refused, Cancelled, Open, Items, _cursor) = (null, null, null, null, null, false, null, [], null);
    }

    private void Tell() => told();

    private static void Stop(ref CancellationTokenSource? running)
    {
        running?.Cancel();
        running = null;
    }

    private static void End(ref CancellationTokenSource? running, CancellationTokenSource mine)
    {
        if (ReferenceEquals(running, mine))
        {
            running = null;
        }

        mine.Dispose();
    }

    /// <summary>What the preview says from the thread that it runs on.</summary>
    private sealed class Heard(DraftPreview preview, CancellationTokenSource run) : IProgress<PreviewProgress>
    {
        public void Report(PreviewProgress value)
        {
            if (ReferenceEquals(preview._running, run))
            {
                preview.Progress = value;
                preview.Tell();
            }
        }
    }
}
