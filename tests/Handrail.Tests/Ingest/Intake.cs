using Handrail.Access;
using Handrail.Actions;
using Handrail.Breakers;
using Handrail.Costs;
using Handrail.Handoffs;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Handrail.Ingest;

/// <summary>The telemetry writer over a database of its own, and what pages would read of it.</summary>
internal sealed class Intake : IAsyncDisposable
{
    private static readonly string[] Teams = ["ops", "others"];

    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;

    private readonly Func<ValueTask> _close;

    private Intake(TestDatabase database, ServiceProvider services, FakeTimeProvider time, Func<ValueTask> close) =>
        (_database, _services, Time, _close) = (database, services, time, close);

    /// <summary>A caller with the key of a team.</summary>
    public static Caller Team(string team = "ops", params string[] agents) => new()
    {
        Kind = CallerKind.AgentKey,
        Id = $"key-{team}",
        Name = $"{team} key",
        Team = team,
        Agents = agents.Length == 0 ? null : agents,
    };

    public static Caller Person { get; } = new() { Kind = CallerKind.Person, Id = "p-1", Name = "ann@example.com", Roles = new HashSet<string> { Permissions.Administrator } };

    public FakeTimeProvider Time { get; }

    public HandrailStore Store => _services.GetRequiredService<HandrailStore>();

    public SpanWriter Writer => _services.GetRequiredService<SpanWriter>();

    public IngestAdmission Admission => _services.GetRequiredService<IngestAdmission>();

    public SessionQueries Sessions => _services.GetRequiredService<SessionQueries>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<Intake> OpenAsync(DatabaseProvider provider, IngestSettings? settings = null, bool writing = true)
    {
        var database = await TestDatabase.CreateAsync(provider);
        return await OpenAsync(database, new FakeTimeProvider(Spans.Noon.AddHours(1)), settings ?? new IngestSettings(), writing, database.DisposeAsync);
    }

    /// <summary>Another process on the same database.</summary>
    public Task<Intake> BesideAsync() => OpenAsync(_database, Time, new IngestSettings(), writing: true, () => ValueTask.CompletedTask);

    private static async Task<Intake> OpenAsync(TestDatabase database, FakeTimeProvider time, IngestSettings settings, bool writing, Func<ValueTask> close)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton<ILoggerProvider, TestLog>();
        services.AddSingleton<TimeProvider>(time);
        services.AddHandrailStore(database.Settings);
        services.AddIngest(settings);
        services.AddSingleton<PolicySnapshots>().AddSingleton<PublishPolicy>().AddSingleton<FirstPolicy>().AddSingleton<SessionQueries>().AddSingleton<StepQueries>();
        services.AddSingleton(new LatchSettings(null)).AddSingleton<OrderLatch>().AddSingleton<ControlSession>().AddSingleton<ControlScope>().AddSingleton<ActionGate>().AddSingleton<DecideHandoff>();
        services.AddSingleton<RecordCosts>().AddSingleton<AnnotateSession>().AddSingleton<EndSession>().AddSingleton<AddMessages>().AddSingleton<LoseSilentSessions>().AddSingleton<CompareSides>().AddSingleton<SilenceBreakers>().AddSingleton<TidyMinutes>();
        var intake = new Intake(database, services.BuildServiceProvider(), time, close);
        await intake.Get<FirstPolicy>().HandleAsync(CancellationToken.None);
        await intake.MakeKeysAsync();
        if (writing)
        {
            await intake.StartAsync();
        }

        return intake;
    }

    /// <summary>The writer asks whether the callers' keys still hold.</summary>
    private Task MakeKeysAsync() => Store.WriteAsync(
        async unit =>
        {
            var known = await unit.Db.AgentKeys.Select(k => k.Id).ToListAsync();
            foreach (var caller in Teams.Select(t => Team(t)).Where(c => !known.Contains(c.Id)))
            {
                unit.Db.AgentKeys.Add(new AgentKey { Id = caller.Id, Name = caller.Name, Team = caller.Team!, Hash = caller.Id, CreatedBy = "test", CreatedAt = unit.Now });
            }
        },
        CancellationToken.None);

    /// <summary>Has the console look at breakers by itself, from now on.</summary>
    public Task WatchAsync() => ((IHostedService)Get<BreakerWatch>()).StartAsync(CancellationToken.None);

    public Task StartAsync() => ((IHostedService)Writer).StartAsync(CancellationToken.None);

    public Task<IngestReceipt> SendAsync(params Step[] steps) => SendAsync(Team(), steps);

    public Task<IngestReceipt> SendAsync(Caller caller, params Step[] steps) => Writer.WriteAsync(caller, steps, CancellationToken.None);

    /// <summary>Has the breakers looked at, as the console does after every commit.</summary>
    public Task LookAsync() => Get<BreakerWatch>().LookAsync(CancellationToken.None);

    public Task<SessionReading> SessionAsync(string id) => Sessions.OneAsync(Person, id, CancellationToken.None);

    public async Task<IReadOnlyList<string>> SessionIdsAsync() =>
        [.. (await Sessions.ListAsync(Person, new SessionFilter(), SessionSort.LastActivityAt, null, 500, CancellationToken.None)).Items.Select(s => s.SessionId).Order()];

    public Task<T> ReadAsync<T>(Func<HandrailDb, Task<T>> read) => Store.ReadAsync(read, CancellationToken.None);

    public Task<List<HourlyCost>> HoursAsync() => ReadAsync(db => db.HourlyCosts.Where(h => h.Calls != 0 || h.CostNanos != 0).ToListAsync());

    public async ValueTask DisposeAsync()
    {
        await ((IHostedService)Writer).StopAsync(CancellationToken.None);
        await ((IHostedService)Get<BreakerWatch>()).StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        await _close();
    }
}
