using System.Text.Json;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Audit;
using Handrail.Breakers;
using Handrail.Costs;
using Handrail.Grants;
using Handrail.Handoffs;
using Handrail.Ingest;
using Handrail.Notify;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Handrail.Store;

/// <summary>The one model, on both databases.</summary>
public sealed partial class HandrailDb(DbContextOptions<HandrailDb> options)
    : IdentityDbContext<Person, IdentityRole, string>(options), IDataProtectionKeyContext
{
    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<SessionAgent> SessionAgents => Set<SessionAgent>();

    public DbSet<SessionTool> SessionTools => Set<SessionTool>();

    public DbSet<SessionDisagreement> SessionDisagreements => Set<SessionDisagreement>();

    public DbSet<SessionText> SessionTexts => Set<SessionText>();

    public DbSet<Trace> Traces => Set<Trace>();

    public DbSet<Turn> Turns => Set<Turn>();

    public DbSet<StepRow> Steps => Set<StepRow>();

    public DbSet<StepContent> StepContents => Set<StepContent>();

    public DbSet<ControlCommand> ControlCommands => Set<ControlCommand>();

    public DbSet<ControlReceipt> ControlReceipts => Set<ControlReceipt>();

    public DbSet<ScopeControl> ScopeControls => Set<ScopeControl>();

    public DbSet<Disabled> Disabled => Set<Disabled>();

    public DbSet<TranscriptMessage> Messages => Set<TranscriptMessage>();

    public DbSet<GatedAction> Actions => Set<GatedAction>();

    public DbSet<Budget> Budgets => Set<Budget>();

    public DbSet<GrantKey> GrantKeys => Set<GrantKey>();

    public DbSet<Handoff> Handoffs => Set<Handoff>();

    public DbSet<BreakerTrip> BreakerTrips => Set<BreakerTrip>();

    public DbSet<AgentMinute> AgentMinutes => Set<AgentMinute>();

    public DbSet<HandoffSnooze> HandoffSnoozes => Set<HandoffSnooze>();

    public DbSet<PolicyVersion> PolicyVersions => Set<PolicyVersion>();

    public DbSet<PolicyHead> PolicyHeads => Set<PolicyHead>();

    public DbSet<Agent> Agents => Set<Agent>();

    public DbSet<Principal> Principals => Set<Principal>();

    public DbSet<CostEvent> CostEvents => Set<CostEvent>();

    public DbSet<HourlyCost> HourlyCosts => Set<HourlyCost>();

    public DbSet<SessionHour> SessionHours => Set<SessionHour>();

    public DbSet<CallLatency> CallLatencies => Set<CallLatency>();

    public DbSet<MetricSeries> MetricSeries => Set<MetricSeries>();

    public DbSet<Sender> Senders => Set<Sender>();

    public DbSet<SavedView> SavedViews => Set<SavedView>();

    public DbSet<Setting> Settings => Set<Setting>();

    public DbSet<AgentKey> AgentKeys => Set<AgentKey>();

    public DbSet<PersonalToken> PersonalTokens => Set<PersonalToken>();

    public DbSet<SecondFactor> SecondFactors => Set<SecondFactor>();

    public DbSet<Notice> Notices => Set<Notice>();

    public DbSet<Alert> Alerts => Set<Alert>();

    public DbSet<Channel> Channels => Set<Channel>();

    public DbSet<NotificationRule> NotificationRules => Set<NotificationRule>();

    public DbSet<Delivery> Deliveries => Set<Delivery>();

    public DbSet<AuditRecord> AuditRecords => Set<AuditRecord>();

    public DbSet<AuditDay> AuditDays => Set<AuditDay>();

    public DbSet<AuditKey> AuditKeys => Set<AuditKey>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        if (Database.IsSqlite())
        {
            configurationBuilder.Properties<DateTimeOffset>().HaveConversion<SqliteTime>();
        }
        else
        {
            configurationBuilder.Properties<DateTimeOffset>().HaveConversion<PostgresTime>();
        }

        configurationBuilder.Properties<SessionState>().HaveConversion<EnumColumn<SessionState>>();
        configurationBuilder.Properties<SessionPending>().HaveConversion<EnumColumn<SessionPending>>();
        configurationBuilder.Properties<ControlState>().HaveConversion<EnumColumn<ControlState>>();
        configurationBuilder.Properties<ControlKind>().HaveConversion<EnumColumn<ControlKind>>();
        configurationBuilder.Properties<Verdict>().HaveConversion<EnumColumn<Verdict>>();
        configurationBuilder.Properties<ActionStatus>().HaveConversion<EnumColumn<ActionStatus>>();
        configurationBuilder.Properties<ActionExecution>().HaveConversion<EnumColumn<ActionExecution>>();
        configurationBuilder.Properties<PeopleDecision>().HaveConversion<EnumColumn<PeopleDecision>>();
        configurationBuilder.Properties<BreakerMetric>().HaveConversion<EnumColumn<BreakerMetric>>();
        configurationBuilder.Properties<BreakerOutcome>().HaveConversion<EnumColumn<BreakerOutcome>>();
        configurationBuilder.Properties<HandoffKind>().HaveConversion<EnumColumn<HandoffKind>>();
        configurationBuilder.Properties<HandoffStatus>().HaveConversion<EnumColumn<HandoffStatus>>();
        configurationBuilder.Properties<NoticeKind>().HaveConversion<EnumColumn<NoticeKind>>();
        configurationBuilder.Properties<NoticeSeverity>().HaveConversion<EnumColumn<NoticeSeverity>>();
        configurationBuilder.Properties<AlertState>().HaveConversion<EnumColumn<AlertState>>();
        configurationBuilder.Properties<ChannelKind>().HaveConversion<EnumColumn<ChannelKind>>();
        configurationBuilder.Properties<ChannelDetail>().HaveConversion<EnumColumn<ChannelDetail>>();
        configurationBuilder.Properties<DeliveryStatus>().HaveConversion<EnumColumn<DeliveryStatus>>();
        configurationBuilder.Properties<DeliveryEvent>().HaveConversion<EnumColumn<DeliveryEvent>>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        SessionsMap.Map(builder);
        DeskMap.Map(builder);
        RegistryMap.Map(builder);
        BreakersMap.Map(builder);
        NotifyMap.Map(builder);
        if (HiddenAgents.Count > 0)
        {
            HideRows(builder);
        }

        foreach (var entity in builder.Model.GetEntityTypes())
        {
            entity.SetTableName(Snake(entity.GetTableName()!.Replace("AspNet", "Identity", StringComparison.Ordinal)));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(Snake(property.Name));
            }
        }
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private sealed class SqliteTime() : ValueConverter<DateTimeOffset, long>(t => TimeColumns.ToMicros(t), m => TimeColumns.FromMicros(m));

    private sealed class PostgresTime() : ValueConverter<DateTimeOffset, DateTimeOffset>(t => TimeColumns.Truncate(t), t => t);

    private sealed class EnumColumn<T>() : ValueConverter<T, string>(v => EnumText<T>.Of(v), s => EnumText<T>.Parse(s))
        where T : struct, Enum;
}
