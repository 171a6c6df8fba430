using System.Text.Json;
using Handrail.Breakers;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>A decision, the facts it was made with and the versions it was made by.</summary>
public sealed record GateReading(PolicyDecision Decision, RecordedFacts Facts, LayerVersions Versions);

/// <summary>What a decision is made by beside the policy and the session's own figures, read in the transaction that records it.</summary>
/// <param name="Control">What is ordered and is not to run.</param>
/// <param name="AgentScopesJson">Data scopes of the agent.</param>
/// <param name="AgentRequiresUser">It may act only for a known user.</param>
/// <param name="UserScopesJson">Data scopes of the user; null when there is none.</param>
/// <param name="ToolsUsed">Tools that the session has used.</param>
/// <param name="BudgetUsed">What is reserved under a budget's name.</param>
/// <param name="Disabled">Tools and types that are switched off.</param>
public sealed record GateFacts(
    IReadOnlyList<ControlOrder> Control, string AgentScopesJson, bool AgentRequiresUser, string? UserScopesJson, IReadOnlyList<string> ToolsUsed,
    Func<string, decimal> BudgetUsed, IReadOnlyList<Disabled> Disabled)
{
    /// <summary>Breakers that have tripped for the session, its agent or the fleet and that nobody has resumed.</summary>
    public IReadOnlyList<TrippedBreaker> Tripped { get; init; } = [];
}

/// <summary>Asks the policy, and sees to it that what it is asked with is what is recorded.</summary>
public sealed class ActionGate(PolicySnapshots snapshots)
{
    private readonly BreakersInForce _breakers = new(snapshots);

    /// <summary>
    /// How long an action that may go may still be carried out; afterwards it is no longer void-able and counts as left undone.
    /// The 30 minutes that approvals live by default (design: failing safe, 3.2).
    /// </summary>
    public static readonly TimeSpan CarryOutWithin = TimeSpan.FromMinutes(30);

    /// <summary>Decides on what an agent asks, by what was gathered in the transaction that records the decision.</summary>
    public async Task<GateReading> DecideAsync(
        HandrailDb db, Session session, ActionRequest request, LayerVersions versions, GateFacts gathered, DateTimeOffset now, CancellationToken cancel) =>
        Decide(session, request, await LayersAsync(db, request.Agent, versions, cancel), versions, gathered, now);

    /// <summary>The breakers of these versions.</summary>
    internal async Task<IEnumerable<StandingBreaker>> BreakersAsync(HandrailDb db, string agent, LayerVersions versions, CancellationToken cancel)
    {
        var (fleet, own) = await _breakers.ForAsync(db, agent, versions, cancel);
        return fleet.Concat(own);
    }

    /// <summary>The layers of these versions, ready for deciding.</summary>
    public Task<IReadOnlyList<PolicyLayer>> LayersAsync(HandrailDb db, string agent, LayerVersions versions, CancellationToken cancel) =>
        snapshots.LayersAsync(db, agent, versions, cancel);

    /// <summary>
    /// Whether a person may let the action go as it now stands: what policy denies by now, or denies with the values as edited, a
    /// person can't approve either.
    /// </summary>
    /// <returns>How many people must approve.</returns>
    /// <exception cref="Refusal">Policy forbids it, or the session is stopped.</exception>
    public async Task<int> DemandApprovableAsync(UnitOfWork unit, Session session, GatedAction action, CancellationToken cancel)
    {
        if (session.Control == ControlState.Stopped)
        {
            throw Refusal.Conflict("The session is stopped: nothing goes any more.", ActionAnswer.Of(action));
        }

        var versions = await PolicySnapshots.VersionsAsync(unit.Db, action.Agent, forDecision: false, cancel);
        var layers = await snapshots.LayersAsync(unit.Db, action.Agent, versions, cancel);
        var request = RequestOf(action);
        var reading = Decide(session, request, layers, versions, await GatherAsync(unit, session, request, layers, cancel), unit.Now);
        if (reading.Decision.Verdict is Verdict.Allow or Verdict.Review)
        {
            return reading.Decision.Review.Approvals;
        }

        var why = string.Join(" ", reading.Decision.Reasons.Where(r => r.Verdict == reading.Decision.Verdict).Select(r => r.Text));
        throw Refusal.Conflict($"The policy forbids this: {why}", new { reading.Decision.Verdict, Reasons = reading.Decision.Reasons.Select(r => new ReasonText(r.Rule, r.Text)) });
    }

    /// <summary>
    /// Why the policy that is in force by now holds back an action that was let go: decided anew with the facts it was asked with, and with what
    /// its budgets now hold, its own share aside. Null when it may still go.
    /// </summary>
    /// <param name="approvals">How many people have approved it; none for one that policy let go by itself.</param>
    public async Task<string?> HeldBackAsync(UnitOfWork unit, Session session, GatedAction action, int approvals, LayerVersions versions, CancellationToken cancel)
    {
        var request = RequestOf(action);
        var disabled = await unit.Db.Disabled.AsNoTracking().ToListAsync(cancel);
        var facts = JsonText.Read<RecordedFacts>(action.FactsJson)!;
        var layers = await snapshots.LayersAsync(unit.Db, action.Agent, versions, cancel);
        var held = JsonText.Read<List<BudgetHold>>(action.BudgetsJson) ?? [];
        var budgets = new List<BudgetFact>();
        foreach (var key in Gate.BudgetsFor(layers, request, session.Id, facts.At).OrderBy(k => BudgetName(k, action.Agent), StringComparer.Ordinal))
        {
            var name = BudgetName(key, action.Agent);
            var reserved = await unit.Db.Budgets.AsNoTracking().Where(b => b.Key == name).ForUpdate().Select(b => (decimal?)b.Reserved).SingleOrDefaultAsync(cancel) ?? 0;
            budgets.Add(new BudgetFact(key.Scope, key.Limit, key.Period, Used(name, reserved) - held.Where(h => h.Key == name).Sum(h => h.Amount)));
        }

        var decision = Gate.Decide(layers, request, (facts with { Control = [], Budgets = budgets }).ToFacts(session.Id), facts.At).DeniedFor(Reasons(Off(disabled, request)));
        var goes = decision.Verdict == Verdict.Allow || (decision.Verdict == Verdict.Review && approvals > 0 && approvals >= decision.Review.Approvals);
        return goes ? null : string.Join(" ", decision.Reasons.Where(r => r.Verdict == decision.Verdict).Select(r => r.Text));
    }

    /// <summary>The row's own name of a budget: an agent's layer has budgets of its own.</summary>
    public static string BudgetName(BudgetKey key, string agent) => $"{(key.Scope == "agent" ? Scopes.Agent(agent) : key.Scope)}|{key.Limit}|{key.Period}";

    /// <summary>What a decision on one action needs, orders aside: whether a stop permits it is asked elsewhere.</summary>
    private static async Task<GateFacts> GatherAsync(UnitOfWork unit, Session session, ActionRequest request, IReadOnlyList<PolicyLayer> layers, CancellationToken cancel)
    {
        var db = unit.Db;
        var agent = await db.Agents.AsNoTracking().SingleAsync(a => a.Name == request.Agent, cancel);
        var user = request.User;
        var scopes = user is null ? null : await db.Principals.AsNoTracking().Where(p => p.User == user).Select(p => p.DataScopesJson).SingleOrDefaultAsync(cancel) ?? "[]";
        var tools = await db.SessionTools.AsNoTracking().Where(t => t.SessionId == session.Id).Select(t => t.Tool).ToListAsync(cancel);
        var used = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var name in Gate.BudgetsFor(layers, request, session.Id, unit.Now).Select(k => BudgetName(k, request.Agent)).Order(StringComparer.Ordinal))
        {
            used[name] = await db.Budgets.AsNoTracking().Where(b => b.Key == name).ForUpdate().Select(b => (decimal?)b.Reserved).SingleOrDefaultAsync(cancel) ?? 0;
        }

        return new GateFacts(
            [], agent.DataScopesJson, agent.RequiresUser, scopes, tools, name => used.GetValueOrDefault(name), await db.Disabled.AsNoTracking().ToListAsync(cancel));
    }

    private static GateReading Decide(
        Session session, ActionRequest request, IReadOnlyList<PolicyLayer> layers, LayerVersions versions, GateFacts gathered, DateTimeOffset now)
    {
        var off = Off(gathered.Disabled, request);
        var facts = RecordedFacts.Of(session, now) with
        {
            Control = gathered.Control,
            Tripped = gathered.Tripped.Count == 0 ? null : gathered.Tripped,
            SwitchedOff = off.Count == 0 ? null : off,
            UserScopes = gathered.UserScopesJson is { } held ? DataScopes(held) : null,
            AgentScopes = DataScopes(gathered.AgentScopesJson),
            AgentRequiresUser = gathered.AgentRequiresUser,
            ToolsUsed = gathered.ToolsUsed,
            Budgets = [.. Gate.BudgetsFor(layers, request, session.Id, now).Select(k => new BudgetFact(k.Scope, k.Limit, k.Period, Used(BudgetName(k, request.Agent), gathered.BudgetUsed(BudgetName(k, request.Agent)))))],
        };
        return new GateReading(Gate.Decide(layers, request, facts.ToFacts(session.Id), now).DeniedFor(Reasons(off)), facts, versions);
    }

    /// <summary>Without a list nobody knows what is asked for: that is not nothing.</summary>
    private static List<string> DataScopes(string json) => JsonText.Read<List<string>>(json) ?? throw new InvalidOperationException("Data scopes are stored that can't be read.");

    private static decimal Used(string budget, decimal reserved) =>
        reserved >= 0 ? reserved : throw new InvalidOperationException($"Of the budget '{budget}' less than nothing is stored as spent.");

    /// <summary>What the action asks for and on-call has switched off. Compared as policies compare: other capitals or an invisible character must not switch a tool on again.</summary>
    private static IReadOnlyList<SwitchedOffFact> Off(IReadOnlyList<Disabled> all, ActionRequest request)
    {
        if (all.Count == 0)
        {
            return [];
        }

        var (type, tool) = (ComparableText.Of(request.Type), request.Tool is null ? null : ComparableText.Of(request.Tool));
        return
        [
            // Of which it is not known what it is, it may be either.
            .. all.Where(d => ComparableText.Of(d.Name) is var name && ((d.What != "tool" && name == type) || (d.What != "type" && name == tool)))
                .Select(d => new SwitchedOffFact(d.What, d.Name, d.Reason)),
        ];
    }

    /// <summary>A tool or type that on-call switched off over the whole fleet is denied, whatever any policy says.</summary>
    internal static IReadOnlyList<Reason> Reasons(IReadOnlyList<SwitchedOffFact>? off) =>
        off is null ? [] : [.. off.Select(d => new Reason($"fleet:disabled-{d.What}", Verdict.Deny, $"The {d.What} '{d.Name}' is switched off over the whole fleet: {d.Reason}"))];

    internal static ActionRequest RequestOf(GatedAction action) => new(action.ActionId, action.Agent, action.Type)
    {
        AgentVersion = action.AgentVersion,
        User = action.User,
        Tool = action.Tool,
        Amount = action.Amount,
        Currency = action.Currency,
        Vendor = action.Vendor,
        Category = action.Category,
        Confidence = (decimal?)action.Confidence,
        Reasoning = action.Reasoning,
        CitationCount = JsonText.Element(action.CitationsJson)?.GetArrayLength() ?? 0,
        FailedChecks = FailedChecks(JsonText.Element(action.ChecksJson)),
        Risk = EnumText<Risk>.TryParse(action.StatedRisk, out var risk) ? risk : null,
        Arguments = JsonText.Element(action.ArgumentsJson) ?? default,
    };

    /// <summary>How many of the agent's own checks it reports as failed.</summary>
    public static int FailedChecks(JsonElement? checks) =>
        checks is not { ValueKind: JsonValueKind.Array } array ? 0
        : array.EnumerateArray().Count(c => c.ValueKind == JsonValueKind.Object && c.TryGetProperty("passed", out var passed) && passed.ValueKind == JsonValueKind.False);
}
