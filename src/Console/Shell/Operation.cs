using Handrail.Actions;
using Handrail.Agents;
using Handrail.Attention;
using Handrail.Breakers;
using Handrail.Content;
using Handrail.Costs;
using Handrail.Grants;
using Handrail.Handoffs;
using Handrail.Ingest;
using Handrail.Live;
using Handrail.Policies;
using Handrail.ReadBack;
using Handrail.Sessions;
using Handrail.Sessions.Otlp;

namespace Handrail.Shell;

/// <summary>The operation's commands and queries, and the doors that lead to them.</summary>
public static class Operation
{
    public static void AddOperation(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<PolicySnapshots>().AddSingleton<PolicySignatures>().AddSingleton<PolicyQueries>().AddSingleton<AutonomyQueries>().AddSingleton<GuaranteeQueries>().AddSingleton<PublishPolicy>().AddSingleton<FirstPolicy>();
        services.AddSingleton<PastActions>().AddSingleton<ThresholdQueries>().AddSingleton<PreviewQueries>().AddSingleton<ExperienceQueries>().AddSingleton<BudgetQueries>();
        services.AddSingleton<ActionGate>().AddSingleton<AskGate>().AddSingleton<ActionQueries>().AddSingleton<ReportResult>().AddSingleton<RecordGroundTruth>();
        services.AddSingleton<AskPerson>().AddSingleton<ClaimHandoff>().AddSingleton<DelegateHandoff>().AddSingleton<SnoozeHandoff>().AddSingleton<OpenQueue>().AddSingleton<SimilarQueries>().AddSingleton<DecideHandoff>().AddSingleton<HandoffQueries>().AddSingleton<InboxQueries>().AddSingleton<ExpireHandoffs>();
        services.AddSingleton<OrderLatch>().AddSingleton<Brake>().AddSingleton<ControlSession>().AddSingleton<ControlScope>().AddSingleton<SwitchOff>().AddSingleton<ControlQueries>().AddSingleton<AcknowledgeControl>();
        services.AddSingleton(new LatchSettings(Path.Combine(Setup.DataDirectory(builder.Configuration), "latched-orders.json")));
        services.AddSingleton<ObedienceQueries>().AddSingleton<RevokeSessionKey>().AddSingleton<WatchObedience>();
        services.AddSingleton<AgentQueries>().AddSingleton<AgentScreens>().AddSingleton<FleetQueries>().AddSingleton<FleetBoard>().AddSingleton<SessionScreens>().AddSingleton<ReportPolicyHeld>();
        services.AddSingleton<SavedViews>().AddSingleton<ClimbRates>().AddSingleton<SessionQueries>().AddSingleton<StepQueries>();
        services.AddIngest(builder.Configuration.GetSection("Ingest").Get<IngestSettings>() ?? new IngestSettings());
        services.AddSingleton<AnnotateSession>().AddSingleton<EndSession>().AddSingleton<AddMessages>().AddSingleton<LoseSilentSessions>().AddSingleton<CompareSides>().AddSingleton<SilenceBreakers>().AddSingleton<TidyMinutes>().AddSingleton<RecordCosts>();
        services.AddSingleton<SpendQueries>().AddSingleton<SpendBudgets>().AddSingleton<OutcomeQueries>().AddSingleton<CostScreens>().AddHostedService<BudgetWatch>();
        services.AddSingleton<ClearAway>().AddSingleton<AttentionQueries>().AddSingleton<PlantCases>();
        services.AddSingleton<ControlHeaders>();
        builder.AddGrants();
        services.AddReadBack();
        builder.AddOtlp();
        services.AddHostedService<HandoffDeadlines>().AddHostedService<Planting>().AddHostedService<HeartbeatWatch>().AddHostedService<LatchWatch>().AddHostedService<LatchReach>().AddHostedService<SilenceWatch>().AddHostedService<DisagreementWatch>().AddHostedService<ObedienceWatch>().AddHostedService<MinutesTidy>().AddHostedService<Retention>().AddHostedService<ClimbWatch>().AddHostedService<HintRelay>();
    }

    public static void MapOperation(this WebApplication app)
    {
        // Else whoever holds a call would hold up the end of the process for as long.
        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<Hints>().End);
        app.MapOtlp();
        app.MapSessions();
        app.MapCosts();
        app.MapActions();
        app.MapGrants();
        app.MapHandoffs();
        app.MapControl();
        app.MapAttention();
        app.MapPolicies();
        app.MapAgents();
        app.MapReadBack();
    }
}
