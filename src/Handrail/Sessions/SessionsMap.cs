using Handrail.Costs;
using Handrail.Ingest;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// Sessions and what is in them. Tables keyed by trace or session have that key first, so that they can be distributed by it.
/// </summary>
internal static class SessionsMap
{
    public static void Map(ModelBuilder builder)
    {
        builder.Entity<Session>(e =>
        {
            e.HasKey(s => s.Id);
            e.HasIndex(s => new { s.LastActivityAt, s.Id });
            e.HasIndex(s => new { s.StartedAt, s.Id });
            e.HasIndex(s => new { s.CostNanos, s.Id });
            e.HasIndex(s => new { s.Steps, s.Id });
            e.HasIndex(s => new { s.State, s.LastActivityAt, s.Id });
            e.HasIndex(s => new { s.Agent, s.LastActivityAt });
            e.HasIndex(s => s.User).HasFilter("\"user\" IS NOT NULL");
            e.HasIndex(s => s.ParentSessionId);
        });
        builder.Entity<SessionAgent>(e =>
        {
            e.HasKey(a => new { a.SessionId, a.Agent });
            e.HasIndex(a => new { a.Agent, a.SessionId });
        });
        builder.Entity<SessionText>(e =>
        {
            e.HasKey(t => t.Number);
            e.HasIndex(t => t.SessionId).IsUnique();
        });
        builder.Entity<SessionDisagreement>().HasKey(d => d.SessionId);
        builder.Entity<SessionTool>().HasKey(t => new { t.SessionId, t.Tool });
        builder.Entity<Trace>(e =>
        {
            e.HasKey(t => t.TraceId);
            e.HasIndex(t => t.SessionId);
            e.HasIndex(t => t.LastReceivedAt);
            e.HasIndex(t => t.LastReceivedAt, "IX_traces_content").HasFilter("keeps_content");
            e.Property(t => t.KeepsContent).HasDefaultValue(true);
        });
        builder.Entity<Turn>().HasKey(t => new { t.SessionId, t.TraceId });
        builder.Entity<StepRow>(e =>
        {
            e.ToTable("Steps");
            e.HasKey(s => new { s.TraceId, s.SpanId, s.ReceivedAt });
            e.HasIndex(s => new { s.SessionId, s.StartedAt, s.SpanId });
            e.Property(s => s.IsOwn).HasDefaultValue(true);
        });
        builder.Entity<StepContent>().HasKey(c => new { c.TraceId, c.SpanId, c.ReceivedAt });
        builder.Entity<ControlCommand>(e =>
        {
            e.HasKey(c => c.Seq);
            e.Property(c => c.Seq).ValueGeneratedNever();
            e.HasIndex(c => new { c.Scope, c.Seq });
        });
        builder.Entity<ControlReceipt>().HasKey(r => new { r.SessionId, r.Seq });
        builder.Entity<ScopeControl>().HasKey(c => c.Scope);
        builder.Entity<Disabled>().HasKey(d => new { d.What, d.Name });
        builder.Entity<TranscriptMessage>(e =>
        {
            e.HasKey(m => new { m.SessionId, m.Id });
            e.HasIndex(m => new { m.SessionId, m.At });
        });
        builder.Entity<SavedView>(e =>
        {
            e.HasKey(v => new { v.PersonId, v.Page, v.Name });
            e.Property(v => v.Page).HasDefaultValue(SavedView.Sessions);
        });
        builder.Entity<CostEvent>(e =>
        {
            e.HasKey(c => new { c.Team, c.Id });
            e.HasIndex(c => new { c.SessionId, c.At });
        });
        builder.Entity<MetricSeries>(e =>
        {
            e.HasKey(m => m.Id);
            e.HasIndex(m => new { m.Team, m.LastReceivedAt }).HasFilter("NOT retired");
            e.HasIndex(m => m.SessionId);
            e.Property(m => m.Retired).HasDefaultValue(false);
        });
        builder.Entity<Sender>(e =>
        {
            e.HasKey(s => s.Id);
            e.HasIndex(s => new { s.Team, s.LastSeenAt });
        });
        builder.Entity<CallLatency>(e =>
        {
            e.ToTable("CallLatencies");
            e.HasKey(l => new { l.Hour, l.Agent, l.Kind, l.Bucket });
        });
        builder.Entity<HourlyCost>(e =>
        {
            e.HasKey(h => new { h.Hour, h.Agent, h.Kind, h.Source });
            e.HasIndex(h => new { h.Agent, h.Hour });
            e.Property(h => h.Kind).HasDefaultValue(HourlyCost.Model);
            e.Property(h => h.CacheWriteTokens).HasDefaultValue(0L);
            e.Property(h => h.UnpricedCalls).HasDefaultValue(0);
            e.Ignore(h => h.IsEmpty);
        });
        builder.Entity<SessionHour>(e =>
        {
            // By the hour first: what is asked for is a stretch of time, and what comes in lies together.
            e.HasKey(h => new { h.Hour, h.SessionId, h.Agent, h.Kind, h.Source });
            e.Ignore(h => h.IsEmpty);
        });
    }
}
