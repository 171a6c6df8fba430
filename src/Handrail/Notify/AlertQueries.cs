using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>An alert as it is shown.</summary>
public sealed record AlertReading
{
    public required string Id { get; init; }

    public required string Cause { get; init; }

    public required NoticeKind Kind { get; init; }

    public required AlertState State { get; init; }

    public required NoticeSeverity Severity { get; init; }

    public required string Title { get; init; }

    public string? Agent { get; init; }

    public string? SessionId { get; init; }

    public string? HandoffId { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? ResolvedBy { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>Until when it is to be decided.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>A page of alerts, newest first.</summary>
public sealed record AlertListing(IReadOnlyList<AlertReading> Items, string? NextCursor);

/// <summary>What wants, or wanted, a person.</summary>
public sealed class AlertQueries(HandrailStore store)
{
    public const int MostPerPage = 200;

    /// <param name="state">Null for those that are not resolved.</param>
    /// <exception cref="Refusal">No right, or a cursor that is none.</exception>
    public Task<AlertListing> ListAsync(Caller caller, AlertState? state, bool all, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var rows = db.Alerts.AsQueryable();
            rows = state is { } one ? rows.Where(a => a.State == one) : all ? rows : rows.Where(a => a.State != AlertState.Resolved);
            if (cursor is not null)
            {
                var (at, id) = Cursor.Read(cursor);
                rows = rows.Where(a => a.OpenedAt < at || (a.OpenedAt == at && a.Id.CompareTo(id) < 0));
            }

            var page = await rows.OrderByDescending(a => a.OpenedAt).ThenByDescending(a => a.Id).Take(limit + 1).ToListAsync(cancel);
            return new AlertListing(
                await ReadAsync(db, page.Take(limit).ToList(), cancel), page.Count > limit ? Cursor.Of(page[limit - 1].OpenedAt, page[limit - 1].Id) : null);
        },
        cancel);

    /// <exception cref="Refusal">No right, or no such alert.</exception>
    public Task<AlertReading> OneAsync(Caller caller, string id, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var rows = await db.Alerts.Where(a => a.Id == id).ToListAsync(cancel);
            return rows.Count == 0 ? throw Refusal.NotFound($"alert '{id}'") : (await ReadAsync(db, rows, cancel))[0];
        },
        cancel);

    internal static async Task<List<AlertReading>> ReadAsync(HandrailDb db, List<Alert> alerts, CancellationToken cancel)
    {
        var ids = alerts.ConvertAll(a => a.NoticeId);
        var notices = await db.Notices.AsNoTracking().Where(n => ids.Contains(n.Id)).ToDictionaryAsync(n => n.Id, cancel);
        return alerts.ConvertAll(a => new AlertReading
        {
            Id = a.Id,
            Cause = a.Cause,
            Kind = a.Kind,
            State = a.State,
            Severity = a.Severity,
            Title = notices.TryGetValue(a.NoticeId, out var notice) ? Wording.Title(notice, ChannelDetail.Fields) : Wording.Bare(a.Kind),
            Agent = a.Agent,
            SessionId = a.SessionId,
            HandoffId = a.HandoffId,
            OpenedAt = a.OpenedAt,
            AcknowledgedBy = a.AcknowledgedBy,
            AcknowledgedAt = a.AcknowledgedAt,
            ResolvedBy = a.ResolvedBy,
            ResolvedAt = a.ResolvedAt,
            ExpiresAt = notice?.ExpiresAt,
        });
    }
}
