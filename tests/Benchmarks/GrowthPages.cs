using Handrail.Access;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Ingest;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Benchmarks;

/// <summary>What the pages read, from the same queries: the pages have no address of their own that tells how long a reading took.</summary>
internal sealed class GrowthPages(DatabaseProvider provider, string connectionString) : IAsyncDisposable
{
    private const int Lines = 200;

    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().AddHandrailStore(new StoreSettings(provider, connectionString))
        .AddIngest(new IngestSettings())
        .AddSingleton<PolicySnapshots>().AddSingleton<SessionQueries>().AddSingleton<StepQueries>().AddSingleton<ActionQueries>().AddSingleton(new LatchSettings(null)).AddSingleton<OrderLatch>().AddSingleton<ControlQueries>()
        .AddSingleton<SessionScreens>().AddSingleton<ObedienceQueries>().AddSingleton<FleetQueries>().AddSingleton<InboxQueries>().AddSingleton<OpenQueue>().AddSingleton<SnoozeHandoff>().AddSingleton<HandoffQueries>().AddSingleton<AutonomyQueries>()
        .AddSingleton<AgentQueries>().AddSingleton<AgentScreens>().AddSingleton<AuditQueries>().AddSingleton<ClimbRates>().AddSingleton<LoseSilentSessions>()
        .BuildServiceProvider();

    /// <summary>The reading of each page, and what looks at the sessions every few seconds.</summary>
    public IEnumerable<(string Name, Func<int, Task> Read)> Readings(GrowthPool pool)
    {
        var (caller, none) = (Caller.System, CancellationToken.None);
        var sessions = _services.GetRequiredService<SessionQueries>();
        SessionSort Sort(int n) => (SessionSort)(n % 4);
        yield return ("page Sessions, first lines", n => sessions.LinesAsync(caller, new SessionFilter(), Sort(n), Lines, none));
        yield return ("page Sessions, newest", n => sessions.BegunAsync(caller, new SessionFilter(), null, Lines, none));
        yield return ("page Sessions, a state", n => sessions.LinesAsync(caller, new SessionFilter { States = [pool.State(n)] }, Sort(n), Lines, none));
        yield return ("page Sessions, an agent", n => sessions.LinesAsync(caller, new SessionFilter { Agent = pool.Agent(n) }, Sort(n), Lines, none));
        yield return ("page Sessions, a text", n => sessions.LinesAsync(caller, new SessionFilter { Text = pool.Text(n) }, Sort(n), Lines, none));
        yield return ("page Sessions, a column's order", n => sessions.LinesAsync(caller, new SessionFilter(), (SessionSort)(4 + (n % 6)), Lines, none));
        yield return ("page Sessions, its whole order", n => sessions.IdsAsync(caller, new SessionFilter(), Sort(n), 250_000, none));
        var screens = _services.GetRequiredService<SessionScreens>();
        yield return ("page Session, 500 steps", n => screens.ReadAsync(caller, pool.Long(n), null, none));
        yield return ("page Session, short", n => screens.ReadAsync(caller, pool.Short(n), null, none));
        var now = TimeProvider.System.GetUtcNow();
        var fleet = _services.GetRequiredService<FleetQueries>();
        yield return ("page Fleet", n => fleet.ReadAsync(caller, now.Date, none));
        var inbox = _services.GetRequiredService<InboxQueries>();
        yield return ("page Inbox", n => inbox.ReadAsync(caller, new InboxFilter(), [], none));
        var autonomy = _services.GetRequiredService<AutonomyQueries>();
        yield return ("page Autonomy", n => autonomy.ReadAsync(caller, none));
        yield return ("page Autonomy, types seen", n => autonomy.SeenAsync(caller, none));
        var agents = _services.GetRequiredService<AgentScreens>();
        yield return ("page Agents", n => agents.ListAsync(caller, none));
        yield return ("page Agent", n => agents.OneAsync(caller, pool.KnownAgent(n), none));
        var audit = _services.GetRequiredService<AuditQueries>();
        yield return ("page Audit", n => audit.ListAsync(caller, new AuditFilter(null, null, null, null, null), null, 100, none));
        yield return ("page Audit, filtered", n => audit.ListAsync(caller, pool.Audit(n), null, 100, none));
        var coverage = _services.GetRequiredService<MappingCoverage>();
        yield return ("page Telemetry", n => coverage.ListAsync(caller, none));
        var climbs = _services.GetRequiredService<ClimbRates>();
        yield return ("look at climbing sessions", n => climbs.LookAsync(none));
        var silence = _services.GetRequiredService<LoseSilentSessions>();
        yield return ("look for silent sessions", n => silence.HandleAsync(none));
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
