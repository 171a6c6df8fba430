using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

internal static class BreakersMap
{
    public static void Map(ModelBuilder builder)
    {
        builder.Entity<BreakerTrip>(e =>
        {
            e.HasKey(t => t.Id);
            e.Ignore(t => t.Breaker);

            // Two processes that find the same make one trip of it.
            e.HasIndex(t => new { t.Scope, t.Layer, t.BreakerId }, "IX_breaker_trips_once").IsUnique().HasFilter("closed_at IS NULL");
            e.HasIndex(t => t.TrippedAt, "IX_breaker_trips_open").HasFilter("closed_at IS NULL");
            e.HasIndex(t => new { t.Scope, t.TrippedAt });
            e.HasIndex(t => new { t.SessionId, t.TrippedAt });
            e.HasIndex(t => t.HandoffId);
        });
        builder.Entity<AgentMinute>(e =>
        {
            e.HasKey(m => new { m.Minute, m.Agent });
            e.Ignore(m => m.IsEmpty);
        });
    }
}
