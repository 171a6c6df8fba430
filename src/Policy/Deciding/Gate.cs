namespace Handrail.Policy;

/// <summary>
/// Decides what may go. A pure function: the same layers, action, facts and moment give the same decision, here, in a client, in a preview or in a proof.
/// </summary>
public static class Gate
{
    private static readonly Reason NoPolicy = new("policy:none", Verdict.Review, "No policy is in force, so a person decides");
    private static readonly Reason NoUser = new("data:user", Verdict.Deny, "The agent may act only on behalf of a known user, and there is none");
    private static readonly Reason VendorLookAlike = new("lookalike:vendor", Verdict.Review, "The vendor's name mixes letters of different scripts, as look-alikes do");
    private static readonly Reason CategoryLookAlike = new("lookalike:category", Verdict.Review, "The category mixes letters of different scripts, as look-alikes do");

    /// <summary>
    /// Says whether an action may go, with everything that speaks about it. The most restrictive word wins, whoever says it; nothing unknown ever lets an action go.
    /// </summary>
    /// <param name="layers">The fleet's layer and the agent's, if it has one of its own. Without any, everything goes to a person.</param>
    /// <param name="action">What the agent asks leave to do.</param>
    /// <param name="facts">Its session as it stands.</param>
    /// <param name="now">The moment of the decision.</param>
    public static PolicyDecision Decide(IReadOnlyList<PolicyLayer> layers, ActionRequest action, SessionFacts facts, DateTimeOffset now)
    {
        var subject = new Subject(layers, action, facts, now, stackalloc char[Subject.UsualRoom]);
        var findings = new Findings();

        CheckControl(facts, ref findings);
        CheckBreakers(facts, ref findings);
        if (findings is { Held: true, Verdict: not Verdict.Stop }) return findings.Conclude(ref subject, layers);
        CheckData(facts, ref findings);
        for (var i = 0; i < layers.Count; i++) CheckTaint(layers[i], ref subject, ref findings);
        for (var i = 0; i < layers.Count; i++) CheckTool(layers[i], subject, ref findings);
        CheckLookAlikes(subject, ref findings);
        if (layers.Count == 0) findings.Add(NoPolicy);
        for (var i = 0; i < layers.Count; i++) LayerCheck.Run(layers[i], ref subject, ref findings);

        return findings.Conclude(ref subject, layers);
    }

    /// <summary>The budgets whose use so far <see cref="SessionFacts.BudgetUsed"/> must hold for an action to be decided on it.</summary>
    public static IReadOnlyList<BudgetKey> BudgetsFor(IReadOnlyList<PolicyLayer> layers, ActionRequest action, string sessionId, DateTimeOffset now)
    {
        var any = false;
        for (var i = 0; i < layers.Count; i++) any |= layers[i].Policy.HasBudgets;
        if (!any) return [];
        var subject = new Subject(layers, action, new(sessionId), now, stackalloc char[Subject.UsualRoom]);
        var budgets = new List<BudgetKey>(layers.Count);
        for (var i = 0; i < layers.Count; i++)
            if (layers[i].Policy.Types[subject.Type].Limits.For(subject)?.BudgetAt(subject) is { } budget) budgets.Add(budget);
        return budgets;
    }

    /// <summary>The budgets of a layer's limits in the period that a moment falls into.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="sessionId">The session whose budgets count, for limits with one per session; without it those are left out.</param>
    /// <param name="now">The moment.</param>
    /// <returns>Each with its limit, and whether that still lets anything go.</returns>
    public static IEnumerable<(Limit Limit, BudgetKey Budget, bool Holds)> BudgetsOf(PolicyLayer layer, string? sessionId, DateTimeOffset now) =>
        from limit in layer.Document.Limits
        where limit.MaxTotal is not null && (limit.Per is not (null or BudgetPeriod.Session) || sessionId is not null)
        select (limit, new BudgetKey(layer.Scope, limit.Key, BudgetPeriods.Key(limit.Per ?? BudgetPeriod.Session, sessionId ?? "", now, layer.Policy.Zone)), limit.HoldsAt(now, layer.Policy.Zone));

    private static void CheckControl(SessionFacts facts, scoped ref Findings findings)
    {
        for (var i = 0; i < facts.Control.Count; i++)
        {
            var order = facts.Control[i];
            var because = order.Because is { } reason ? $": {reason}" : "";
            switch (order.State)
            {
                case ControlState.Running: break;
                case ControlState.Stopped: findings.Add(new($"control:{order.Scope}", Verdict.Stop, $"The {order.Scope} is stopped{because}")); break;
                case ControlState.TakenOver: findings.Hold($"control:{order.Scope}", $"A person has taken over the {order.Scope}{because}"); break;
                default: findings.Hold($"control:{order.Scope}", $"The {order.Scope} is paused{because}"); break;
            }
        }
    }

    private static void CheckBreakers(SessionFacts facts, scoped ref Findings findings)
    {
        for (var i = 0; i < facts.Tripped.Count; i++)
        {
            var trip = facts.Tripped[i];
            var unit = trip.Currency is { } currency ? $" {currency}" : "";
            var name = $"breaker:{trip.Id}";
            var text = $"Breaker {trip.Id} tripped: {trip.Metric.Word()} at {Say.Number(trip.Figure)}{unit}, over {Say.Number(trip.Threshold)}{unit}";
            switch (trip.Then)
            {
                case BreakerOutcome.Alert: findings.Add(new(name, Verdict.Allow, text)); break;
                case BreakerOutcome.Review: findings.Add(new(name, Verdict.Review, text)); break;
                case BreakerOutcome.Pause: findings.Hold(name, text); break;
                default: findings.Add(new(name, Verdict.Stop, text)); break;
            }
        }
    }

    private static void CheckData(SessionFacts facts, scoped ref Findings findings)
    {
        if (facts.UserScopes is null && facts.AgentRequiresUser) findings.Add(NoUser);
        if (facts.UserScopes is not { } held) return;
        for (var i = 0; i < facts.AgentScopes.Count; i++)
        {
            var scope = facts.AgentScopes[i];
            if (!held.Contains(scope)) findings.Add(new($"data:{scope}", Verdict.Deny, $"The agent uses {scope} data, which the user on whose behalf it acts may not see"));
        }
    }

    private static void CheckTaint(PolicyLayer layer, scoped ref Subject subject, scoped ref Findings findings)
    {
        for (var i = 0; i < layer.Policy.Taint.Length; i++)
        {
            var row = layer.Policy.Taint[i];
            if (!IsMet(row, ref subject)) continue;
            var met = $"The session has used tools labelled {Say.List(row.When, "and")}";
            var blocked = new List<string>();
            foreach (var label in row.Block)
                if (subject.ToolHas(label)) blocked.Add(label);
            if (blocked.Count > 0)
                findings.Add(new($"taint:{i}", Verdict.Deny, $"{met}, so that {subject.Tool}, labelled {Say.List(blocked, "and")}, is out of its reach", layer.Scope));
            else if (subject.Action.Tool is null)
                findings.Add(new($"taint:{i}", Verdict.Review, $"{met}, and the action does not say whether its tool is one labelled {Say.List(row.Block, "or")}", layer.Scope));
        }
    }

    private static bool IsMet(CompiledTaint row, scoped ref Subject subject)
    {
        foreach (var label in row.When)
            if (!subject.HasTaint(label, alone: null)) return false;
        return true;
    }

    private static void CheckTool(PolicyLayer layer, scoped in Subject subject, scoped ref Findings findings)
    {
        if (subject.Action.Tool is not null && layer.Policy.Tools.TryGetValue(subject.Tool, out var tool) && !tool.Entry.Enabled) findings.Add(tool.NotEnabled);
    }

    private static void CheckLookAlikes(scoped in Subject subject, scoped ref Findings findings)
    {
        if (Scripts.Mixed(subject.Vendor)) findings.Add(VendorLookAlike);
        if (Scripts.Mixed(subject.Category)) findings.Add(CategoryLookAlike);
    }
}
