using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>A delivery as it is shown.</summary>
public sealed record DeliveryReading
{
    public required string Id { get; init; }

    public required string ChannelId { get; init; }

    /// <summary>Null where the channel was removed.</summary>
    public string? ChannelName { get; init; }

    public ChannelKind? ChannelKind { get; init; }

    public required NoticeKind Kind { get; init; }

    public required DeliveryEvent Event { get; init; }

    public required string Title { get; init; }

    public string? Agent { get; init; }

    public string? SessionId { get; init; }

    public string? HandoffId { get; init; }

    public string? Rule { get; init; }

    public required int Step { get; init; }

    public required DeliveryStatus Status { get; init; }

    public required int Attempts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Of one that is pending: when it is tried next.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    public DateTimeOffset? AttemptedAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    public string? LastError { get; init; }

    public int? LastStatus { get; init; }
}

/// <summary>A page of deliveries, newest first.</summary>
public sealed record DeliveryListing(IReadOnlyList<DeliveryReading> Items, string? NextCursor);

/// <summary>What a list of deliveries is narrowed by; null members narrow nothing.</summary>
public sealed record DeliveryFilter(DeliveryStatus? Status, string? ChannelId, NoticeKind? Kind);

/// <summary>What was sent, what waits and what was given up.</summary>
public sealed class DeliveryQueries(HandrailStore store)
{
    public const int MostPerPage = 200;

    /// <exception cref="Refusal">No right, or a cursor that is none.</exception>
    public Task<DeliveryListing> ListAsync(Caller caller, DeliveryFilter filter, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.Demand(Permission.Administer);
            var rows = db.Deliveries.AsQueryable();
            if (cursor is not null)
            {
                var (at, id) = Cursor.Read(cursor);
                rows = rows.Where(d => d.CreatedAt < at || (d.CreatedAt == at && d.Id.CompareTo(id) < 0));
            }

            rows = filter.Status is { } status ? rows.Where(d => d.Status == status) : rows;
            rows = filter.ChannelId is { } channel ? rows.Where(d => d.ChannelId == channel) : rows;
            rows = filter.Kind is { } kind ? rows.Where(d => db.Notices.Any(n => n.Id == d.NoticeId && n.Kind == kind)) : rows;
            var page = await ReadAsync(db, rows.OrderByDescending(d => d.CreatedAt).ThenByDescending(d => d.Id).Take(limit + 1), cancel);
            return new DeliveryListing([.. page.Take(limit)], page.Count > limit ? Cursor.Of(page[limit - 1].CreatedAt, page[limit - 1].Id) : null);
        },
        cancel);

    /// <exception cref="Refusal">No right, or no such delivery.</exception>
    public Task<DeliveryReading> OneAsync(Caller caller, string id, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.Demand(Permission.Administer);
            return (await ReadAsync(db, db.Deliveries.Where(d => d.Id == id), cancel)).SingleOrDefault() ?? throw Refusal.NotFound($"delivery '{id}'");
        },
        cancel);

    private static async Task<List<DeliveryReading>> ReadAsync(HandrailDb db, IQueryable<Delivery> rows, CancellationToken cancel)
    {
        var deliveries = await rows.ToListAsync(cancel);
        var (noticeIds, channelIds) = (deliveries.ConvertAll(d => d.NoticeId), deliveries.Select(d => d.ChannelId).Distinct().ToList());
        var notices = await db.Notices.Where(n => noticeIds.Contains(n.Id)).ToDictionaryAsync(n => n.Id, cancel);
        var channels = await db.Channels.Where(c => channelIds.Contains(c.Id)).Select(c => new { c.Id, c.Name, c.Kind }).ToDictionaryAsync(c => c.Id, cancel);
        return [.. deliveries.Where(d => notices.ContainsKey(d.NoticeId)).Select(d =>
        {
            var (notice, channel) = (notices[d.NoticeId], channels.GetValueOrDefault(d.ChannelId));
            return new DeliveryReading
            {
                Id = d.Id,
                ChannelId = d.ChannelId,
                ChannelName = channel?.Name,
                ChannelKind = channel?.Kind,
                Kind = notice.Kind,
                Event = d.Event,
                Title = Wording.Title(notice, ChannelDetail.Fields),
                Agent = notice.Agent,
                SessionId = notice.SessionId,
                HandoffId = notice.HandoffId,
                Rule = d.RuleName,
                Step = d.Step,
                Status = d.Status,
                Attempts = d.Attempts,
                CreatedAt = d.CreatedAt,
                NextAttemptAt = d.Status == DeliveryStatus.Pending ? d.NextAttemptAt : null,
                AttemptedAt = d.AttemptedAt,
                DeliveredAt = d.DeliveredAt,
                LastError = d.LastError,
                LastStatus = d.LastStatus,
            };
        })];
    }
}
