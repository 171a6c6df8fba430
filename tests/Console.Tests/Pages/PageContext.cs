using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Attention;
using Handrail.Audit;
using Handrail.Breakers;
using Handrail.Content;
using Handrail.Costs;
using Handrail.Grants;
using Handrail.Handoffs;
using Handrail.Health;
using Handrail.Ingest;
using Handrail.Jobs;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Policies.Editing;
using Handrail.ReadBack;
using Handrail.Sessions;
using Handrail.Shell;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using MudBlazor.Services;
using Xunit;

namespace Handrail.Pages;

/// <summary>A page over a real store with a clock of the test's own, and a person signed in.</summary>
public abstract class PageContext : BunitContext, IAsyncLifetime
{
    private TestDatabase? _database;
    private BunitAuthorizationContext? _person;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 1, 12, 30, 0, TimeSpan.Zero));

    protected DateTimeOffset Now => Time.GetUtcNow();

    protected virtual string Role => Permissions.Owner;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddHandrailStore(_database.Settings);
        Services.AddSingleton(PriceTable.BuiltIn);
        Services.AddSingleton<PolicySnapshots>().AddSingleton<PublishPolicy>().AddSingleton<PolicyQueries>().AddSingleton<AutonomyQueries>().AddSingleton<GuaranteeQueries>().AddSingleton<PreviewQueries>().AddSingleton<ExperienceQueries>().AddSingleton<BudgetQueries>().AddSingleton<PastActions>().AddSingleton<ThresholdQueries>().AddSingleton<FirstPolicy>();
        Services.AddSingleton(new LatchSettings(null)).AddSingleton<OrderLatch>().AddSingleton<Brake>();
        Services.AddSingleton<FleetQueries>().AddSingleton<FleetBoard>().AddSingleton<SessionScreens>().AddSingleton<SessionQueries>().AddSingleton<StepQueries>().AddSingleton<ControlScope>().AddSingleton<SwitchOff>().AddSingleton<ObedienceQueries>().AddSingleton<RevokeSessionKey>().AddSingleton<ControlSession>().AddSingleton<ControlQueries>().AddSingleton<ActionQueries>().AddSingleton<AgentQueries>().AddSingleton<AgentScreens>().AddSingleton<Registry>().AddSingleton<Keys>().AddSingleton<Microsoft.AspNetCore.Identity.IPasswordHasher<Person>, Microsoft.AspNetCore.Identity.PasswordHasher<Person>>().AddSingleton<People>().AddSingleton<Passwords>().AddSingleton<AuthenticatorCodes>().AddSingleton<SecondFactors>().AddSingleton<SignInRules>().AddSingleton(new ProviderSettings());
        Services.AddSingleton<SavedViews>().AddSingleton<ClimbRates>().AddSingleton<ContentRules>().AddSingleton<MappingCoverage>().AddSingleton<ActionGate>().AddSingleton<BreakerWatch>().AddSingleton<AskGate>().AddSingleton<AskPerson>().AddSingleton<InboxQueries>().AddSingleton<ClaimHandoff>().AddSingleton<DecideHandoff>();
        Services.AddSingleton<OpenQueue>().AddSingleton<SnoozeHandoff>().AddSingleton<DelegateHandoff>().AddSingleton<SimilarQueries>().AddSingleton<EndSession>().AddSingleton<AttentionQueries>().AddSingleton<PlantCases>();
        Services.AddSingleton(new IngestSettings()).AddSingleton<IngestFigures>().AddSingleton<IngestAdmission>().AddSingleton<RejectedRecords>().AddSingleton<JobRuns>().AddSingleton<GrantKeys>().AddSingleton<PolicySignatures>().AddSingleton<AgentFeeds>().AddSingleton<ConnectedClients>().AddSingleton<DatabaseSizes>().AddSingleton<HealthQueries>().AddSingleton<DurabilityQueries>().AddSingleton(new GrantSettings()).AddSingleton<ConsoleHealth>();
        Services.AddSingleton<SpendQueries>().AddSingleton<SpendBudgets>().AddSingleton<OutcomeQueries>().AddSingleton<CostScreens>();
        Services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>().AddSingleton<AuditKeys>().AddSingleton<AuditDays>().AddSingleton<AuditQueries>().AddSingleton<VerifyAudit>();
        Services.AddScoped<CurrentCaller>().AddScoped<Deeds>().AddScoped<PageOrders>().AddScoped<SwitchOrders>().AddTransient<ReviewDesk>().AddTransient<DraftPublishing>().AddTransient<DraftPreviews>().AddTransient<ThresholdDesk>().AddTransient<AutonomyDesk>().AddTransient<TrialDesk>().AddTransient<RulesDesk>();
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
        _person = this.AddAuthorization();
        _person.SetAuthorized("anna@example.com");
        _person.SetRoles(Role);
        Claim();
        await Services.GetRequiredService<FirstPolicy>().HandleAsync(default);
    }

    /// <summary>What the sign-in carries beside the person's id.</summary>
    protected void Claim(params (string Type, string Value)[] claims) => _person!.SetClaims(
        [new Claim(ClaimTypes.NameIdentifier, "p-1"), .. claims.Select(c => new Claim(c.Type, c.Value))]);

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    ValueTask IAsyncDisposable.DisposeAsync() => DisposeAsync();

    /// <summary>Commits rows as another part of the console would, and tells the hint.</summary>
    protected async Task SaveAsync(Hint? hint, params object[] rows)
    {
        await using (var db = await Services.GetRequiredService<IDbContextFactory<HandrailDb>>().CreateDbContextAsync())
        {
            foreach (var row in rows)
            {
                var entry = db.Entry(row);
                entry.State = await entry.GetDatabaseValuesAsync() is null ? EntityState.Added : EntityState.Modified;
            }

            await db.SaveChangesAsync();
        }

        if (hint is { } told)
        {
            Services.GetRequiredService<Hints>().Tell(told);
        }
    }

    protected async Task<T> ReadAsync<T>(Func<HandrailDb, Task<T>> read) => await Services.GetRequiredService<HandrailStore>().ReadAsync(read, default);

    protected Session Session(string id, SessionState state = SessionState.Running, string agent = "desk", string? title = null) => new()
    {
        Id = id,
        Team = "default",
        Agent = agent,
        Title = title,
        State = state,
        StartedAt = Now.AddMinutes(-10),
        FirstReceivedAt = Now.AddMinutes(-10),
        LastActivityAt = Now.AddMinutes(-1),
    };

    protected Agents.Agent Agent(string name) => new() { Name = name, Team = "default", FirstSeenAt = Now.AddDays(-1), LastSeenAt = Now };

    /// <summary>The page between the dialogs and pop-ups that the layout gives it.</summary>
    protected IRenderedComponent<IComponent> Open<TPage>(Action<ComponentParameterCollectionBuilder<TPage>>? parameters = null)
        where TPage : IComponent
    {
        Render<MudPopoverProvider>();
        Dialogs = Render<MudDialogProvider>();
        Said = Render<MudSnackbarProvider>();
        return (IRenderedComponent<IComponent>)Render(parameters ?? (_ => { }));
    }

    /// <summary>Does something with an element once it is there and enabled, as it is at that moment: what goes on beside a page redraws it at any time.</summary>
    protected static void On(IRenderedComponent<IComponent> page, Func<AngleSharp.Dom.IElement> find, Action<AngleSharp.Dom.IElement> act)
    {
        page.WaitForAssertion(() => Assert.False(find().HasAttribute("disabled")));
        page.InvokeAsync(() => act(find())).GetAwaiter().GetResult();
    }

    protected IRenderedComponent<MudDialogProvider> Dialogs { get; private set; } = null!;

    protected IRenderedComponent<MudSnackbarProvider> Said { get; private set; } = null!;

    /// <summary>Gives the reason that the open dialog asks for, and confirms.</summary>
    protected void Confirm(string reason)
    {
        On(Dialogs, () => Dialogs.Find("textarea"), e => e.Input(reason));
        On(Dialogs, () => Dialogs.FindAll(".mud-dialog-actions button")[^1], e => e.Click());
    }
}
