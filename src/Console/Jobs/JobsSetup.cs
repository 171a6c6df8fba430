using Handrail.Access;
using Handrail.Store;
using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;

namespace Handrail.Jobs;

/// <summary>
/// Jobs that run once, however many processes there are, and the one timetable. On PostgreSQL they are kept there, in a schema of their own;
/// on SQLite in memory, where the rows that they work on are what lasts.
/// </summary>
public static class JobsSetup
{
    /// <summary>The page of the jobs, for administrators.</summary>
    public const string Page = "/settings/jobs";

    private const string Administrators = "administrators";

    /// <summary>Each waits on one channel's other end at most: this many slow ones hold up no other.</summary>
    private const int Workers = 6;

    /// <summary>How long jobs that are done stand on the page. The look alone is some 6,000 a day.</summary>
    private static readonly TimeSpan Shown = TimeSpan.FromHours(1);

    /// <summary>A lock of the jobs is held for a few statements: one that stands this long is that of a process that was killed with it.</summary>
    private static readonly TimeSpan Orphaned = TimeSpan.FromSeconds(30);

    public static void AddJobs(this WebApplicationBuilder builder)
    {
        // Hangfire keeps its storage and its activator in static fields unless they stand here: a second console in one process, as in tests,
        // would take the first one's.
        builder.Services.AddSingleton(services => StorageOf(services.GetRequiredService<StoreSettings>()));
        builder.Services.AddSingleton<JobActivator>(services => new AspNetCoreJobActivator(services.GetRequiredService<IServiceScopeFactory>()));
        builder.Services.AddHangfire((services, jobs) => jobs
            .UseLogProvider(new JobLog(services.GetRequiredService<ILoggerFactory>()))
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180).UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings());
        builder.Services.AddHangfireServer(server =>
        {
            server.WorkerCount = Workers;
            server.SchedulePollingInterval = TimeSpan.FromSeconds(2);
            server.ShutdownTimeout = TimeSpan.FromSeconds(5);
        });
        builder.Services.AddSingleton<JobRuns>().AddTransient<OutboxJobs>();
        builder.Services.AddHostedService<OutboxWatch>().AddHostedService<Timetable>();
        builder.Services.AddAuthorizationBuilder().AddPolicy(
            Administrators,
            p => p.RequireRole(Permissions.Administrator).RequireAssertion(c => !PersonClaims.IsHeld(c.User)));
    }

    private static JobStorage StorageOf(StoreSettings store)
    {
        var options = new PostgreSqlStorageOptions
        {
            QueuePollInterval = TimeSpan.FromSeconds(1), UseSlidingInvisibilityTimeout = true, InvisibilityTimeout = TimeSpan.FromMinutes(1), DistributedLockTimeout = Orphaned,
        };
        JobStorage storage = store.Provider == DatabaseProvider.Postgres
            ? new PostgreSqlStorage(new NpgsqlConnectionFactory(store.ConnectionString, options), options)
            : new InMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = Shown });
        storage.JobExpirationTimeout = Shown;
        return storage;
    }

    public static void MapJobs(this WebApplication app)
    {
        // Only to look at: what a person does about a delivery is done on its page, where it is put on record. Hangfire checks antiforgery tokens
        // on whatever posts all the same, and its page has neither inline script nor anything from elsewhere.
        app.MapHangfireDashboard(Page, new DashboardOptions
        {
            Authorization = [],
            AppPath = "/settings/notifications",
            DashboardTitle = "Handrail jobs",
            DisplayStorageConnectionString = false,
            IsReadOnlyFunc = _ => true,
        }).RequireAuthorization(Administrators);
    }
}
