using Handrail.Actions;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>What agents ask and people decide.</summary>
internal static class DeskMap
{
    public static void Map(ModelBuilder builder)
    {
        builder.Entity<GatedAction>(e =>
        {
            e.HasKey(a => new { a.SessionId, a.ActionId });
            e.HasIndex(a => new { a.Agent, a.RequestedAt });

            // What is due, and no more of the table than that.
            e.HasIndex(a => a.ReportBy).HasFilter("execution = 'claimed'");
            e.HasIndex(a => new { a.Agent, a.ExpiresAt }).HasFilter("execution = 'none' AND status = 'allowed' AND budgets_json IS NOT NULL");

            // What experience is read from: what people had a word on, and what was recorded to be compared with it.
            e.HasIndex(a => new { a.RequestedAt, a.SessionId, a.ActionId }).HasDatabaseName("IX_actions_experience").HasFilter("people IS NOT NULL OR would_be IS NOT NULL");
            e.HasIndex(a => new { a.RequestedAt, a.Agent, a.Type, a.Currency });

            // What was refused, and what may go around it: few, and looked up by their session with every question.
            e.HasIndex(a => new { a.SessionId, a.RequestedAt }).HasDatabaseName("IX_actions_refused").HasFilter("status IN ('denied', 'rejected', 'expired')");
            e.HasIndex(a => a.SessionId).HasDatabaseName("IX_actions_bypass").HasFilter("bypass_json IS NOT NULL");
            e.Ignore(a => a.Proceed);
        });
        builder.Entity<Budget>().HasKey(b => b.Key);
        builder.Entity<Handoff>(e =>
        {
            e.HasKey(h => h.Id);
            e.HasIndex(h => new { h.Status, h.OpenedAt, h.Id });
            e.HasIndex(h => new { h.Status, h.ExpiresAt });
            e.HasIndex(h => new { h.SessionId, h.OpenedAt });
            e.HasIndex(h => new { h.Agent, h.DecidedAt, h.Id });
            e.HasIndex(h => h.DecidedAt);
            e.HasIndex(h => new { h.OpenedAt, h.Id });
            e.HasIndex(h => new { h.Agent, h.OpenedAt });

            // What people decided on the like before.
            e.HasIndex(h => new { h.Type, h.Vendor, h.DecidedAt }).HasFilter("decided_at IS NOT NULL");
            e.HasIndex(h => new { h.Type, h.Category, h.DecidedAt }).HasFilter("decided_at IS NOT NULL");
        });
        builder.Entity<HandoffSnooze>(e =>
        {
            e.HasKey(s => new { s.PersonId, s.HandoffId });
            e.HasIndex(s => s.Until);
        });
    }
}
