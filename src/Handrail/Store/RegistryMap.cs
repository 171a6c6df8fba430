using Handrail.Access;
using Handrail.Agents;
using Handrail.Audit;
using Handrail.Grants;
using Handrail.Policies;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Store;

/// <summary>Who and what is known: agents, policies, keys, the audit chain.</summary>
internal static class RegistryMap
{
    public static void Map(ModelBuilder builder)
    {
        builder.Entity<Agent>(e =>
        {
            e.HasKey(a => a.Name);
            e.Property(a => a.RejectCodesJson).HasDefaultValue("[]");
        });
        builder.Entity<Principal>().HasKey(p => p.User);
        builder.Entity<Setting>().HasKey(s => s.Key);
        builder.Entity<PolicyVersion>().HasKey(v => new { v.Scope, v.Version });
        builder.Entity<PolicyHead>().HasKey(h => h.Scope);
        builder.Entity<AgentKey>(e =>
        {
            e.HasKey(k => k.Id);
            e.HasIndex(k => k.Hash).IsUnique();
        });
        builder.Entity<GrantKey>().HasKey(k => k.Id);
        builder.Entity<PersonalToken>(e =>
        {
            e.HasKey(t => t.Id);
            e.HasIndex(t => t.Hash).IsUnique();
            e.HasIndex(t => t.PersonId);
        });
        builder.Entity<SecondFactor>(e =>
        {
            e.HasKey(f => f.PersonId);
            e.HasOne<Person>().WithOne().HasForeignKey<SecondFactor>(f => f.PersonId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<AuditRecord>(e =>
        {
            e.HasKey(r => r.Seq);
            e.Property(r => r.Seq).ValueGeneratedNever();
            e.HasIndex(r => new { r.Target, r.Seq });
            e.HasIndex(r => new { r.Actor, r.Seq });
            e.HasIndex(r => new { r.Act, r.Seq });
            e.HasIndex(r => r.At);
        });
        builder.Entity<AuditDay>().HasKey(d => d.Day);
        builder.Entity<AuditKey>().HasKey(k => k.Id);
    }
}
