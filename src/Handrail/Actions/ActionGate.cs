using System.Text.Json;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>A decision, the facts it was made with and the versions it was made by.</summary>
public sealed record GateReading(PolicyDecision Decision, RecordedFacts Facts, LayerVersions Versions);

/// <summary>Gathers what a decision needs, in the transaction that will record it, and asks the policy.</summary>
public sealed class ActionGate(PolicySnapshots snapshots)
{
    /// <summary>
    /// How long an action that may go may still be carried out; afterwards it is no longer void-able and counts as left undone.
    /// The 30 minutes that approvals live by default (design: failing safe, 3.2).
    /// </summary>
    public static readonly TimeSpan CarryOutWithin = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Takes the locks of a decision in the one order that everybody takes them in: policy, scopes, and then the session, which
    /// the caller locks next. A publish or a stop is either wholly before the decision or wholly after it.
    /// </summary>
    public static async Task<(LayerVersions Versions, List<ScopeControl> Orders)> HoldAsync(UnitOfWork unit, string agent, CancellationToken cancel)
    {
        var versions = await PolicySnapshots.VersionsAsync(unit.Db, agent, forDecision: true, cancel);
        var scope = Scopes.Agent(agent);
        var orders = await unit.Db.ScopeControls.AsNoTracking().Where(c => c.Scope == Scopes.Fleet || c.Scope == scope).OrderBy(c => c.Scope).ForShare().ToListAsync(cancel);
        return (versions, orders);
    }

    /// <summary>Decides on what an agent asks, by the versions and orders held.</summary>
    public async Task<GateReading> DecideAsync(
        UnitOfWork unit, Session session, ActionRequest request, LayerVersions versions, IReadOnlyList<ScopeControl> orders, CancellationToken cancel)
    {
        var layers = await snapshots.LayersAsync(unit.Db, request.Agent, versions, cancel);
        var control = new List<ControlOrder> { new("session", session.Control) };
        control.AddRange(orders.Select(o => new ControlOrder(o.Scope == Scopes.Fleet ? "fleet" : "agent", o.State, o.Reason)));
        if (session.Agent != request.Agent)
        {
            // The agent that the session belongs to may be held though the one that asks is not.
            control.AddRange((await ControlQueries.ScopeStatesAsync(unit.Db, session.Agent, null, cancel)).Select(s => new ControlOrder("agent", s)));
        }

        return await DecideAsync(unit, session, request, layers, versions, [.. control.Where(c => c.State != ControlState.Running)], cancel);
    }

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
        var reading = await DecideAsync(unit, session, RequestOf(action), layers, versions, [], cancel);
        if (reading.Decision.Verdict is Verdict.Allow or Verdict.Review)
        {
            return reading.Decision.Review.Approvals;
        }

        var why = string.Join(" ", reading.Decision.Reasons.Where(r => r.Verdict == reading.Decision.Verdict).Select(r => r.Text));
        throw Refusal.Conflict($"The policy forbids this: {why}", new { reading.Decision.Verdict, Reasons = reading.Decision.Reasons.Select(r => new ReasonText(r.Rule, r.Text)) });
    }

    /// <summary>The row's own name of a budget: an agent's layer has budgets of its own.</summary>
    public static string BudgetName(BudgetKey key, string agent) => $"{(key.Scope == "agent" ? Scopes.Agent(agent) : key.Scope)}|{key.Limit}|{key.Period}";

    private static async Task<GateReading> DecideAsync(
        UnitOfWork unit, Session session, ActionRequest request, IReadOnlyList<PolicyLayer> layers, LayerVersions versions,
        IReadOnlyList<ControlOrder> control, CancellationToken cancel)
    {
        var db = unit.Db;
        var agent = await db.Agents.AsNoTracking().SingleAsync(a => a.Name == request.Agent, cancel);
        var user = request.User;
        var scopes = user is null ? null : await db.Principals.AsNoTracking().Where(p => p.User == user).Select(p => p.DataScopesJson).SingleOrDefaultAsync(cancel) ?? "[]";
        var facts = RecordedFacts.Of(session, unit.Now) with
        {
            Control = control,
            UserScopes = JsonText.Read<List<string>>(scopes),
            AgentScopes = JsonText.Read<List<string>>(agent.DataScopesJson) ?? [],
            AgentRequiresUser = agent.RequiresUser,
            ToolsUsed = await db.SessionTools.AsNoTracking().Where(t => t.SessionId == session.Id).Select(t => t.Tool).ToListAsync(cancel),
        };
        var budgets = new List<BudgetFact>();
        foreach (var key in Gate.BudgetsFor(layers, request, session.Id, unit.Now).OrderBy(k => BudgetName(k, request.Agent), StringComparer.Ordinal))
        {
            var name = BudgetName(key, request.Agent);
            var used = await db.Budgets.AsNoTracking().Where(b => b.Key == name).ForUpdate().Select(b => (decimal?)b.Reserved).SingleOrDefaultAsync(cancel);
            budgets.Add(new BudgetFact(key.Scope, key.Limit, key.Period, used ?? 0));
        }

        facts = facts with { Budgets = budgets };
        var decision = Gate.Decide(layers, request, facts.ToFacts(session.Id), unit.Now);
        return new GateReading(await SwitchedOffAsync(db, request, decision, cancel), facts, versions);
    }

    /// <summary>A tool or type that on-call switched off over the whole fleet is denied, whatever any policy says.</summary>
    private static async Task<PolicyDecision> SwitchedOffAsync(HandrailDb db, ActionRequest request, PolicyDecision decision, CancellationToken cancel)
    {
        // Compared as policies compare: other capitals or an invisible character must not switch a tool on again.
        var (type, tool) = (ComparableText.Of(request.Type), request.Tool is null ? null : ComparableText.Of(request.Tool));
        var all = await db.Disabled.AsNoTracking().ToListAsync(cancel);
        var off = all.Where(d => ComparableText.Of(d.Name) is var name && (d.What == "type" ? name == type : name == tool)).ToList();
        if (off.Count == 0 || decision.Held)
        {
            return decision;
        }

        var reasons = off.Select(d => new Reason($"fleet:disabled-{d.What}", Verdict.Deny, $"The {d.What} '{d.Name}' is switched off over the whole fleet: {d.Reason}"));
        return decision with
        {
            Verdict = decision.Verdict < Verdict.Deny ? Verdict.Deny : decision.Verdict,
            WouldBe = decision.WouldBe < Verdict.Deny ? Verdict.Deny : decision.WouldBe,
            Reasons = decision.Verdict < Verdict.Deny ? [.. reasons, .. decision.Reasons] : [.. decision.Reasons, .. reasons],
            Reservations = [],
            Sampled = false,
        };
    }

    private static ActionRequest RequestOf(GatedAction action) => new(action.ActionId, action.Agent, action.Type)
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
        Risk = EnumText<Risk>.TryParse(action.Risk, out var risk) ? risk : null,
        Arguments = JsonText.Element(action.ArgumentsJson) ?? default,
    };

    /// <summary>How many of the agent's own checks it reports as failed.</summary>
    public static int FailedChecks(JsonElement? checks) =>
        checks is not { ValueKind: JsonValueKind.Array } array ? 0
        : array.EnumerateArray().Count(c => c.ValueKind == JsonValueKind.Object && c.TryGetProperty("passed", out var passed) && passed.ValueKind == JsonValueKind.False);
}
