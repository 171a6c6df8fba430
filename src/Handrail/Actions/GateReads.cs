using System.Data.Common;
using Handrail.Breakers;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Actions;

/// <summary>
/// All that a batch of questions is decided by, read in one round trip and under the locks of a decision, in the one order that everybody
/// takes them in: policy, scopes, sessions. A publish, a stop or a revoked key is either wholly before the batch or wholly after it.
/// </summary>
internal sealed class GateReads
{
    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ScopeControl> _orders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _tools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<BreakerTrip>> _trips = new(StringComparer.Ordinal);

    public Dictionary<string, (string Team, string DataScopesJson, bool RequiresUser)> Agents { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys that may be used now, and their team.</summary>
    public Dictionary<string, string> Keys { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> PrincipalScopes { get; } = new(StringComparer.Ordinal);

    public List<Disabled> Disabled { get; } = [];

    /// <summary>The sessions that are there, and where those that have moved have moved to.</summary>
    public Dictionary<string, string?> Sessions { get; } = new(StringComparer.Ordinal);

    public HashSet<(string Session, string Agent)> SessionAgents { get; } = [];

    /// <summary>Actions of the asked ids that were decided before.</summary>
    public HashSet<(string Session, string Action)> Decided { get; } = [];

    /// <summary>What was refused in each session, the newest of it.</summary>
    public Dictionary<string, List<EarlierAction>> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>True when the rows are there that the agent's control and policy meet decisions on.</summary>
    /// <exception cref="InvalidOperationException">The fleet's are not: nobody knows what is ordered for it.</exception>
    public bool Knows(string agent) => _orders.ContainsKey(Scopes.Fleet)
        ? Agents.ContainsKey(agent) && _versions.ContainsKey(Scopes.Agent(agent)) && _orders.ContainsKey(Scopes.Agent(agent))
        : throw new InvalidOperationException("The fleet has no control: its row is gone.");

    public LayerVersions Versions(string agent) => new(
        _versions.TryGetValue(Scopes.Fleet, out var fleet) ? fleet : throw new InvalidOperationException("The fleet has no policy: the first start did not finish."),
        _versions.GetValueOrDefault(Scopes.Agent(agent)));

    /// <summary>The tools that a session has used.</summary>
    public IReadOnlyCollection<string> ToolsOf(string session) => _tools.GetValueOrDefault(session) ?? [];

    /// <summary>True when the session has not used the tool before.</summary>
    public bool AddTool(string session, string tool)
    {
        if (!_tools.TryGetValue(session, out var tools))
        {
            _tools[session] = tools = new HashSet<string>(StringComparer.Ordinal);
        }

        return tools.Add(tool);
    }

    /// <summary>What is ordered for the fleet and for these agents, where it is anything.</summary>
    public IEnumerable<ScopeControl> Orders(params IEnumerable<string> agents) =>
        agents.Distinct(StringComparer.Ordinal).Select(Scopes.Agent).Append(Scopes.Fleet).Select(s => _orders.GetValueOrDefault(s)).OfType<ScopeControl>()
            .Where(o => o.State != ControlState.Running);

    /// <summary>Trips of a scope: of a session all, of agents and the fleet those that nobody has resumed.</summary>
    public IReadOnlyList<BreakerTrip> Trips(string scope) => _trips.GetValueOrDefault(scope) ?? [];

    public void Add(BreakerTrip trip)
    {
        if (!_trips.TryGetValue(trip.Scope, out var trips))
        {
            _trips[trip.Scope] = trips = [];
        }

        trips.Add(trip);
    }

    public static async Task<GateReads> ReadAsync(Bulk bulk, IReadOnlyList<GateCall> calls, DateTimeOffset now, CancellationToken cancel)
    {
        var reads = new GateReads();
        var agents = calls.Select(c => c.Request.Agent).Distinct(StringComparer.Ordinal).ToList();
        reads._asked.UnionWith(agents);
        await bulk.ReadSeveralAsync(
            [
                ("SELECT scope, version FROM policy_heads WHERE scope {in:scopes} ORDER BY scope {share}", r => reads._versions[r.GetString(0)] = r.GetInt32(1)),
                ("SELECT scope, state, reason FROM scope_controls WHERE scope {in:scopes} ORDER BY scope {share}", r => reads.Order(r)),
                ("SELECT id, moved_to FROM sessions WHERE id {in:sessions} ORDER BY id {update}", r => reads.Sessions[r.GetString(0)] = r.TextOrNull(1)),
                ("SELECT id, team FROM agent_keys WHERE id {in:keys} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)", r => reads.Keys[r.GetString(0)] = r.GetString(1)),
                ("SELECT name, team, data_scopes_json, requires_user FROM agents WHERE name {in:agents}", r => reads.Agents[r.GetString(0)] = (r.GetString(1), r.GetString(2), r.GetBoolean(3))),
                ("SELECT \"user\", data_scopes_json FROM principals WHERE \"user\" {in:users}", r => reads.PrincipalScopes[r.GetString(0)] = r.GetString(1)),
                ("SELECT what, name, reason FROM disabled", r => reads.Disabled.Add(Off(r))),
                ("SELECT session_id, tool FROM session_tools WHERE session_id {in:sessions}", r => reads.AddTool(r.GetString(0), r.GetString(1))),
                ("SELECT session_id, agent FROM session_agents WHERE session_id {in:sessions}", r => reads.SessionAgents.Add((r.GetString(0), r.GetString(1)))),
                ("SELECT session_id, action_id FROM actions WHERE session_id {in:sessions} AND action_id {in:actions}", r => reads.Decided.Add((r.GetString(0), r.GetString(1)))),
                (RefusedOf("session_id {in:sessions}"), r => reads.AddRefused(r.GetString(0), Earlier(r, bulk.Provider))),
                (TripsOf("scope {in:tripping}"), r => reads.Add(Trip(r))),
                (TripsOf("scope {in:scopes} AND closed_at IS NULL"), r => reads.Add(Trip(r))),
            ],
            [
                ("scopes", [.. agents.Select(Scopes.Agent), Scopes.Fleet]),
                ("sessions", [.. calls.Select(c => c.SessionId).Distinct(StringComparer.Ordinal)]),
                ("tripping", [.. calls.Select(c => Scopes.Session(c.SessionId)).Distinct(StringComparer.Ordinal)]),
                ("keys", [.. calls.Select(c => c.Caller.Id).Distinct(StringComparer.Ordinal)]),
                ("agents", agents),
                ("users", [.. calls.Select(c => c.Request.User).OfType<string>().Distinct(StringComparer.Ordinal)]),
                ("actions", [.. calls.Select(c => c.Request.ActionId).Distinct(StringComparer.Ordinal)]),
            ],
            [("now", TimeColumns.Parameter(bulk.Provider, now))],
            cancel);
        return reads;
    }

    /// <summary>
    /// Reads what is ordered for agents that did not ask: a session may belong to another agent than the one that asks, and its own may be held.
    /// Without a lock, which was to be taken before the session's: what is ordered meanwhile meets the session's own state.
    /// </summary>
    public async Task ReadOrdersAsync(Bulk bulk, IEnumerable<string> agents, CancellationToken cancel)
    {
        var unasked = agents.Where(_asked.Add).Select(Scopes.Agent).ToList();
        if (unasked.Count > 0)
        {
            await bulk.ReadSeveralAsync(
                [("SELECT scope, state, reason FROM scope_controls WHERE scope {in:scopes}", Order), (TripsOf("scope {in:scopes} AND closed_at IS NULL"), r => Add(Trip(r)))],
                [("scopes", unasked)], [], cancel);
        }
    }

    /// <summary>
    /// What was asked in these sessions since the first refusal, and was not refused: the pieces that something refused may come in. Read only for sessions in which an amount was
    /// refused.
    /// </summary>
    public static async Task<Dictionary<string, List<EarlierAction>>> PiecesAsync(Bulk bulk, IReadOnlyCollection<string> sessions, DateTimeOffset since, CancellationToken cancel)
    {
        var pieces = new Dictionary<string, List<EarlierAction>>(StringComparer.Ordinal);
        await bulk.ReadSeveralAsync(
            [
                ($"SELECT {EarlierColumns} FROM actions WHERE session_id {{in:sessions}} AND requested_at > @since AND amount IS NOT NULL AND status NOT IN ('denied', 'rejected', 'expired')",
                    r => (pieces.TryGetValue(r.GetString(0), out var list) ? list : pieces[r.GetString(0)] = []).Add(Earlier(r, bulk.Provider))),
            ],
            [("sessions", [.. sessions])], [("since", TimeColumns.Parameter(bulk.Provider, since))], cancel);
        return pieces;
    }

    public void AddRefused(string session, EarlierAction refused)
    {
        if (!Refused.TryGetValue(session, out var list))
        {
            Refused[session] = list = [];
        }

        list.Add(refused);
    }

    private const string EarlierColumns = "session_id, action_id, type, status, requested_at, tool, vendor, amount, currency, arguments_print";

    /// <summary>Of each session no more than a person would look through.</summary>
    private static string RefusedOf(string which) =>
        $"""
        SELECT {EarlierColumns} FROM (
            SELECT {EarlierColumns}, row_number() OVER (PARTITION BY session_id ORDER BY requested_at DESC) AS n FROM actions
            WHERE {which} AND status IN ('denied', 'rejected', 'expired')) refused
        WHERE n <= 100
        """;

    private static EarlierAction Earlier(DbDataReader row, DatabaseProvider provider) =>
        new(row.GetString(1), row.GetString(2), EnumText<ActionStatus>.Parse(row.GetString(3)), row.GetTime(4, provider))
        {
            Tool = row.TextOrNull(5),
            Vendor = row.TextOrNull(6),
            Amount = row.IsDBNull(7) ? null : row.GetDecimal(7),
            Currency = row.TextOrNull(8),
            ArgumentsPrint = row.LongOrNull(9),
        };

    private static string TripsOf(string which) =>
        $"SELECT scope, layer, breaker_id, metric, \"then\", figure, threshold, currency, closed_at IS NULL, new_limit FROM breaker_trips WHERE {which}";

    /// <summary>What a decision asks of it.</summary>
    private static BreakerTrip Trip(DbDataReader row) => new()
    {
        Id = "",
        Scope = row.GetString(0),
        Layer = row.GetString(1),
        BreakerId = row.GetString(2),
        Metric = EnumText<BreakerMetric>.Parse(row.GetString(3)),
        Then = EnumText<BreakerOutcome>.Parse(row.GetString(4)),
        Figure = row.GetDecimal(5),
        Threshold = row.GetDecimal(6),
        Currency = row.TextOrNull(7),
        ClosedAt = row.GetBoolean(8) ? null : DateTimeOffset.MinValue,
        NewLimit = row.IsDBNull(9) ? null : row.GetDecimal(9),
        Team = "",
        SessionId = "",
        Agent = "",
        HandoffId = "",
    };

    private void Order(DbDataReader row) => _orders[row.GetString(0)] = new ScopeControl
    {
        Scope = row.GetString(0),
        State = EnumText<ControlState>.Parse(row.GetString(1)),
        Reason = row.TextOrNull(2),
    };

    private static Disabled Off(DbDataReader row) => new() { What = row.GetString(0), Name = row.GetString(1), Reason = row.GetString(2), By = "" };
}
