using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>
/// What a draft would have changed, before it is published: it and what rules now, side by side over recorded actions with their facts of that moment, the draft's layer
/// with all other layers that are in force.
/// </summary>
public sealed class PreviewQueries(HandrailStore store, PolicySnapshots snapshots, TimeProvider time) : IDisposable
{
    public const int MostListed = 200;

    /// <summary>How many run at once: each takes a processor for as long as it runs, and decisions come first.</summary>
    private const int MostRunning = 2;

    /// <summary>How long another one waits for one of these to end before it is told to come later.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _running = new(MostRunning);
    private readonly ActionHistory _history = new(store);

    /// <param name="scope"><c>fleet</c> or <c>agent:NAME</c>: the layer that the draft is of.</param>
    /// <param name="policy">The draft, as it would be published.</param>
    /// <param name="progress">Told several times a second how far it has come; null for nobody.</param>
    /// <exception cref="Refusal">No right, a draft with errors, each under its path, a period or page that is none, or too many at once.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<PolicyPreview> ReadAsync(
        Caller caller, string scope, JsonElement policy, PreviewQuestion question, IProgress<PreviewProgress>? progress, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.EditPolicy);
        var document = PublishPolicy.Read(policy);
        var until = TimeColumns.Truncate(time.GetUtcNow());
        var skip = Demand(question, until);
        if (!await _running.WaitAsync(Patience, cancel))
        {
            throw new Refusal(RefusalKind.Busy, $"{MostRunning} previews are running already; try this one again in a moment.") { RetryAfter = Patience };
        }

        try
        {
            // Off the caller's context: a page's circuit goes on while this computes.
            return await Task.Run(() => CompareAsync(caller, scope, document, question, skip, until, progress, cancel), cancel);
        }
        finally
        {
            _running.Release();
        }
    }

    public void Dispose() => _running.Dispose();

    private async Task<PolicyPreview> CompareAsync(
        Caller caller, string scope, PolicyDocument document, PreviewQuestion question, long skip, DateTimeOffset until, IProgress<PreviewProgress>? progress, CancellationToken cancel)
    {
        var agent = scope == Scopes.Fleet ? null : scope[Scopes.Agent("").Length..];
        var now = await store.ReadAsync(
            caller,
            async db =>
            {
                await db.DemandScopeAsync(caller, scope, cancel);
                await db.DemandForScopeAsync(caller, Permission.EditPolicy, scope, cancel);
                return await LayerStacks.ReadAsync(db, snapshots, agent, cancel);
            },
            cancel);
        var draft = now.With(scope, document);
        var comparison = new PolicyComparison(question.Limit, new(question.From, question.To, question.People), skip);
        var range = new HistoryRange(question.Since, until) { Agent = agent, Members = now.Members | draft.Members };
        var (seen, told) = (0L, Stopwatch.GetTimestamp());
        await foreach (var batch in _history.ReadAsync(caller, range, cancel))
        {
            foreach (var action in batch)
            {
                cancel.ThrowIfCancellationRequested();
                comparison.Add(now.Of(action.Action.Agent), draft.Of(action.Action.Agent), action);
            }

            seen += batch.Count;
            if (progress is not null && batch.Count > 0 && Stopwatch.GetElapsedTime(told) >= ProgressEvery)
            {
                told = Stopwatch.GetTimestamp();
                progress.Report(new PreviewProgress(seen, (batch[^1].At - question.Since) / (until - question.Since)));
            }
        }

        var result = comparison.Result();
        progress?.Report(new PreviewProgress(seen, 1));
        return new PolicyPreview
        {
            Scope = scope,
            Since = question.Since,
            Until = until,
            Actions = result.Actions,
            Changed = result.Changed,
            Changes = result.Changes,
            Now = result.Now,
            Draft = result.Draft,
            Items = await ItemsAsync(result.Kept, cancel),
            NextCursor = result.After == 0 ? null : (skip + result.Kept.Count).ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <returns>How many of the list come before the page.</returns>
    private static long Demand(PreviewQuestion question, DateTimeOffset now)
    {
        if (question.Since >= now)
        {
            throw Refusal.Invalid("since", "must lie in the past.");
        }

        if (question.Limit is < 1 or > MostListed)
        {
            throw Refusal.Invalid("limit", $"must be a whole number from 1 to {MostListed}.");
        }

        var skip = 0L;
        return question.Cursor is null || long.TryParse(question.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out skip)
            ? skip
            : throw Refusal.Invalid("cursor", "is none that a page gave out.");
    }

    /// <summary>Looks up what a list shows and deciding does not need.</summary>
    private async Task<IReadOnlyList<PreviewItem>> ItemsAsync(IReadOnlyList<ChangedAction> changed, CancellationToken cancel)
    {
        var sessions = changed.Select(c => c.Action.Facts.SessionId).Distinct().ToList();
        var ids = changed.Select(c => c.Action.Action.ActionId).Distinct().ToList();
        var found = await store.ReadAsync(
            db => db.Actions.Where(a => sessions.Contains(a.SessionId) && ids.Contains(a.ActionId)).Select(a => new { a.SessionId, a.ActionId, a.Summary, a.Status })
                .ToDictionaryAsync(a => (a.SessionId, a.ActionId), cancel),
            cancel);
        return
        [
            .. changed.Select(c =>
            {
                var (action, session) = (c.Action.Action, c.Action.Facts.SessionId);
                var row = found.GetValueOrDefault((session, action.ActionId));
                return row is null ? null : new PreviewItem(
                    session, action.ActionId, action.Agent, action.Type, row.Summary, action.Amount, action.Currency, action.Vendor, action.Category,
                    c.Action.At, c.From, c.To, Told(c.Because), Told(c.Instead), c.Action.Decided, row.Status, c.Action.People);
            }).OfType<PreviewItem>(),
        ];

        static ReasonText Told(Reason reason) => new(reason.Rule, reason.Text);
    }
}
