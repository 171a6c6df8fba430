using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>The outbox, and whom it is emptied to.</summary>
internal static class NotifyMap
{
    public static void Map(ModelBuilder builder)
    {
        builder.Entity<Notice>(e =>
        {
            e.HasKey(n => n.Id);

            // What is not yet routed, and no more of the table than that.
            e.HasIndex(n => new { n.At, n.Id }).HasDatabaseName("IX_notices_unrouted").HasFilter("routed_at IS NULL");
            e.HasIndex(n => n.At);
            e.HasIndex(n => new { n.Cause, n.Kind });
        });
        builder.Entity<Alert>(e =>
        {
            e.HasKey(a => a.Id);
            e.HasIndex(a => a.Cause).IsUnique();
            e.HasIndex(a => new { a.State, a.OpenedAt, a.Id });
            e.HasIndex(a => new { a.OpenedAt, a.Id });
            e.HasIndex(a => a.HandoffId);
            e.HasIndex(a => a.SessionId);
            e.HasIndex(a => a.Untold).HasFilter("untold");
        });
        builder.Entity<Channel>().HasKey(c => c.Id);
        builder.Entity<NotificationRule>(e =>
        {
            e.HasKey(r => r.Id);
            e.HasIndex(r => r.ChannelId);
            e.Ignore(r => r.Terms);
        });
        builder.Entity<Delivery>(e =>
        {
            e.HasKey(d => d.Id);
            e.HasIndex(d => new { d.NoticeId, d.ChannelId, d.Event, d.Step }).IsUnique();

            // What is to be sent, and no more of the table than that.
            e.HasIndex(d => new { d.ChannelId, d.NextAttemptAt, d.Id }).HasDatabaseName("IX_deliveries_pending").HasFilter("status = 'pending'");
            e.HasIndex(d => new { d.CreatedAt, d.Id });
            e.HasIndex(d => new { d.Status, d.CreatedAt, d.Id });
            e.HasIndex(d => new { d.ChannelId, d.CreatedAt, d.Id });
        });
    }
}
