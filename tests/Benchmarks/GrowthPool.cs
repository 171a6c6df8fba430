using Handrail.Audit;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Benchmarks;

/// <summary>What readings ask for, drawn from all that is stored: often and rarely met, of any age, and not there at all.</summary>
internal sealed class GrowthPool
{
    private static readonly SessionState[] States = Enum.GetValues<SessionState>();
    private static readonly string[] Sorts = ["-last_activity_at", "-started_at", "-cost_usd", "-steps"];

    private readonly Random _random = new(7);
    private List<Session> _sessions = [];
    private List<string> _long = [];
    private List<string> _agents = [];

    public static async Task<GrowthPool> ReadAsync(DatabaseProvider provider, string connectionString)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, new StoreSettings(provider, connectionString));
        await using var db = new HandrailDb(options.Options);
        db.Database.SetCommandTimeout(600);
        return new GrowthPool
        {
            _sessions = await db.Sessions.AsNoTracking().OrderBy(s => EF.Functions.Random()).Take(500).ToListAsync(),
            _long = await db.Sessions.Where(s => s.Steps == 500).OrderBy(s => EF.Functions.Random()).Select(s => s.Id).Take(200).ToListAsync(),
            _agents = await db.Agents.Select(a => a.Name).ToListAsync(),
        };
    }

    public string Sort(int n) => Sorts[n % Sorts.Length];

    public SessionState State(int n) => States[n / Sorts.Length % States.Length];

    public string KnownAgent(int n) => _agents[n % _agents.Count];

    public string Agent(int n) => n / Sorts.Length % (_agents.Count + 1) is var i && i < _agents.Count ? _agents[i] : "never-heard-of";

    /// <summary>A word of a title, a user, a part of an id, two letters, and what is nowhere.</summary>
    public string Text(int n)
    {
        var session = _sessions[n % _sessions.Count];
        return (n / Sorts.Length % 6) switch
        {
            0 => session.Title?.Split(' ')[0] ?? "x",
            1 => session.Title ?? "x",
            2 => session.User ?? "x",
            3 => session.Id[4..14],
            4 => session.Id[4..6],
            _ => "is nowhere at all",
        };
    }

    public string Long(int n) => _long[n % _long.Count];

    public string Short(int n) => _sessions[n % _sessions.Count].Id;

    public AuditFilter Audit(int n) => (n % 5) switch
    {
        0 => new AuditFilter("admin@localhost", null, null, null, null),
        1 => new AuditFilter(null, "handoff.*", null, null, null),
        2 => new AuditFilter(null, "policy.published", null, null, null),
        3 => new AuditFilter(null, null, $"session:{Short(n)}", null, null),
        _ => new AuditFilter(null, null, null, _sessions[n % _sessions.Count].LastActivityAt, null),
    };

    /// <summary>A cursor somewhere in the list, in the order that <see cref="Sort"/> gives the same number.</summary>
    public string Cursor(int n)
    {
        var session = _sessions[n % _sessions.Count];
        return (n % Sorts.Length) switch
        {
            0 => Store.Cursor.Of(session.LastActivityAt, session.Id),
            1 => Store.Cursor.Of(session.StartedAt, session.Id),
            2 => Store.Cursor.Of(session.CostNanos, session.Id),
            _ => Store.Cursor.Of(session.Steps, session.Id),
        };
    }

    /// <summary>From a cost that every session has to one that none has.</summary>
    public decimal MinCost(int n) => (n / Sorts.Length % 4) switch
    {
        0 => 0.01m,
        1 => _sessions.Max(s => s.CostNanos) / 1_000_000_000m,
        2 => 1_000_000m,
        _ => _sessions[n % _sessions.Count].CostNanos / 1_000_000_000m,
    };

    /// <summary>From minutes to months ago.</summary>
    public string Since(int n) => Uri.EscapeDataString(TimeProvider.System.GetUtcNow().AddMinutes(-Math.Pow(10, 1 + (4.0 * _random.NextDouble()))).ToString("O"));
}
