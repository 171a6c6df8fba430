using Handrail.Access;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>What a list of handoffs is narrowed by; null members narrow nothing.</summary>
public sealed record HandoffFilter
{
    public HandoffStatus? Status { get; init; }

    public string? Agent { get; init; }

    public HandoffKind? Kind { get; init; }

    /// <summary>Only what the caller has claimed, was delegated or has decided.</summary>
    public bool Mine { get; init; }

    public string? SessionId { get; init; }

    /// <summary>The user on whose behalf the agent works, whole.</summary>
    public string? User { get; init; }
}

/// <summary>A page of handoffs and where the next one starts.</summary>
public sealed record HandoffPage(IReadOnlyList<HandoffAnswer> Items, string? NextCursor);

/// <summary>The queue.</summary>
public sealed class HandoffQueries(HandrailStore store, Hints hints, TimeProvider time)
{
    public const int MostPerPage = 200;

    /// <summary>Open ones oldest first, so that a page stays what it was while new ones come in; all others newest first.</summary>
    /// <exception cref="Refusal">No right, or a cursor that is none of ours.</exception>
    public Task<HandoffPage> ListAsync(Caller caller, HandoffFilter filter, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var now = time.GetUtcNow();
            var rows = Narrow(db.Handoffs, caller, filter);
            var open = filter.Status == HandoffStatus.Open;
            if (cursor is not null)
            {
                var (at, id) = Cursor.Read(cursor);
                rows = open
                    ? rows.Where(h => h.OpenedAt >= at && (h.OpenedAt > at || h.Id.CompareTo(id) > 0))
                    : rows.Where(h => h.OpenedAt <= at && (h.OpenedAt < at || h.Id.CompareTo(id) < 0));
            }

            rows = open ? rows.OrderBy(h => h.OpenedAt).ThenBy(h => h.Id) : rows.OrderByDescending(h => h.OpenedAt).ThenByDescending(h => h.Id);
            var page = await rows.Take(limit + 1).ToListAsync(cancel);
            var next = page.Count > limit ? Cursor.Of(page[limit - 1].OpenedAt, page[limit - 1].Id) : null;
            return new HandoffPage([.. page.Take(limit).Select(h => HandoffAnswer.ForPeople(h, now))], next);
        },
        cancel);

    /// <summary>One handoff; holds until it is no longer open, or the wait is over.</summary>
    public Task<HandoffAnswer> WaitAsync(Caller caller, string id, TimeSpan wait, CancellationToken cancel) => Waiting.UntilAsync(
        hints, time, [new Hint(HintKind.Handoff, id)], wait,
        () => store.ReadAsync(
            caller,
            async db =>
            {
                if (caller.Kind == CallerKind.Person)
                {
                    caller.DemandSomewhere(Permission.View);
                }

                var handoff = await db.FindKnownHandoffAsync(caller, id, cancel);
                return caller.Kind == CallerKind.Person ? HandoffAnswer.ForPeople(handoff, time.GetUtcNow()) : HandoffAnswer.Of(handoff, time.GetUtcNow());
            },
            cancel),
        h => h.Status != HandoffStatus.Open,
        cancel);

    internal static IQueryable<Handoff> Narrow(IQueryable<Handoff> rows, Caller caller, HandoffFilter filter)
    {
        if (filter.Status is { } status)
        {
            rows = rows.Where(h => h.Status == status);
        }

        if (filter.Agent is { } agent)
        {
            rows = rows.Where(h => h.Agent == agent);
        }

        if (filter.Kind is { } kind)
        {
            rows = rows.Where(h => h.Kind == kind);
        }

        if (filter.SessionId is { } session)
        {
            rows = rows.Where(h => h.SessionId == session);
        }

        if (filter.User is { } user)
        {
            rows = rows.Where(h => h.User == user);
        }

        return filter.Mine ? rows.Where(h => h.ClaimedBy == caller.Name || h.AssignedTo == caller.Name || h.DecidedBy == caller.Name) : rows;
    }
}
