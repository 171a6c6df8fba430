namespace Handrail.Policy;

/// <summary>
/// Decides what may go. A pure function: the same layers, action, facts and moment give the same decision, here, in a client, in a preview or in a proof.
/// </summary>
public static class Gate
{
    /// <summary>
    /// Says whether an action may go, with everything that speaks about it. The most restrictive word wins, whoever says it; nothing unknown ever lets an action go.
    /// </summary>
    /// <param name="layers">The fleet's layer and the agent's, if it has one of its own. Without any, everything goes to a person.</param>
    /// <param name="action">What the agent asks leave to do.</param>
    /// <param name="facts">Its session as it stands.</param>
    /// <param name="now">The moment of the decision.</param>
    public static PolicyDecision Decide(IReadOnlyList<PolicyLayer> layers, ActionRequest action, SessionFacts facts, DateTimeOffset now)
    {
        var subject = new Subject(layers, action, facts, now);
        var findings = new Findings();

        CheckControl(facts, findings);
        CheckBreakers(facts, findings);
        if (findings is { Held: true, Verdict: not Verdict.Stop }) return findings.Conclude(subject, layers);
        CheckData(facts, findings);
        foreach (var layer in layers) CheckTaint(layer, subject, findings);
        foreach (var layer in layers) CheckTool(layer, subject, findings);
        CheckLookAlikes(subject, findings);
        if (layers.Count == 0) findings.Add("policy:none", Verdict.Review, "No policy is in force, so a person decides");
        foreach (var layer in layers) LayerCheck.Run(layer, subject, findings);

        return findings.Conclude(subject, layers);
    }

    /// <summary>The budgets whose use so far <see cref="SessionFacts.BudgetUsed"/> must hold for an action to be decided on it.</summary>
    public static IReadOnlyList<BudgetKey> BudgetsFor(IReadOnlyList<PolicyLayer> layers, ActionRequest action, string sessionId, DateTimeOffset now)
    {
        var subject = new Subject(layers, action, new(sessionId), now);
        return [.. layers.Select(layer => layer.Policy.LimitFor(subject)?.BudgetAt(layer.Scope, subject, layer.Policy.Zone)).OfType<BudgetKey>()];
    }

    private static void CheckControl(SessionFacts facts, Findings findings)
    {
        foreach (var order in facts.Control)
        {
            var because = order.Because is { } reason ? $": {reason}" : "";
            switch (order.State)
            {
                case ControlState.Running: break;
                case ControlState.Stopped: findings.Add($"control:{order.Scope}", Verdict.Stop, $"The {order.Scope} is stopped{because}"); break;
                case ControlState.TakenOver: findings.Hold($"control:{order.Scope}", $"A person has taken over the {order.Scope}{because}"); break;
                default: findings.Hold($"control:{order.Scope}", $"The {order.Scope} is paused{because}"); break;
            }
        }
    }

    private static void CheckBreakers(SessionFacts facts, Findings findings)
    {
        foreach (var trip in facts.Tripped)
        {
            var unit = trip.Currency is { } currency ? $" {currency}" : "";
            var text = $"Breaker {trip.Id} tripped: {trip.Metric.Word()} at {Say.Number(trip.Figure)}{unit}, over {Say.Number(trip.Threshold)}{unit}";
            switch (trip.Then)
            {
                case BreakerOutcome.Alert: findings.Add($"breaker:{trip.Id}", Verdict.Allow, text); break;
                case BreakerOutcome.Review: findings.Add($"breaker:{trip.Id}", Verdict.Review, text); break;
                case BreakerOutcome.Pause: findings.Hold($"breaker:{trip.Id}", text); break;
                default: findings.Add($"breaker:{trip.Id}", Verdict.Stop, text); break;
            }
        }
    }

    private static void CheckData(SessionFacts facts, Findings findings)
    {
        if (facts.UserScopes is { } held)
        {
            foreach (var scope in facts.AgentScopes)
                if (!held.Contains(scope)) findings.Add($"data:{scope}", Verdict.Deny, $"The agent uses {scope} data, which the user on whose behalf it acts may not see");
        }
        else if (facts.AgentRequiresUser)
        {
            findings.Add("data:user", Verdict.Deny, "The agent may act only on behalf of a known user, and there is none");
        }
    }

    private static void CheckTaint(PolicyLayer layer, Subject subject, Findings findings)
    {
        for (var i = 0; i < layer.Policy.Taint.Length; i++)
        {
            var row = layer.Policy.Taint[i];
            if (!subject.Taint.IsSupersetOf(row.When)) continue;
            var met = $"The session has used tools labelled {Say.List(row.When, "and")}";
            var blocked = row.Block.Where(subject.ToolLabels.Contains).ToList();
            if (blocked.Count > 0)
                findings.Add($"taint:{i}", Verdict.Deny, $"{met}, so that {subject.Tool}, labelled {Say.List(blocked, "and")}, is out of its reach", layer);
            else if (subject.Tool is null)
                findings.Add($"taint:{i}", Verdict.Review, $"{met}, and the action does not say whether its tool is one labelled {Say.List(row.Block, "or")}", layer);
        }
    }

    private static void CheckTool(PolicyLayer layer, Subject subject, Findings findings)
    {
        if (subject.Tool is { } tool && layer.Policy.Tools.TryGetValue(tool, out var known) && !known.Entry.Enabled)
            findings.Add($"tool:{known.Entry.Name}", Verdict.Deny, $"The tool {known.Entry.Name} is not enabled", layer);
    }

    private static void CheckLookAlikes(Subject subject, Findings findings)
    {
        if (subject.Vendor is { } vendor && Scripts.Mixed(vendor))
            findings.Add("lookalike:vendor", Verdict.Review, "The vendor's name mixes letters of different scripts, as look-alikes do");
        if (subject.Category is { } category && Scripts.Mixed(category))
            findings.Add("lookalike:category", Verdict.Review, "The category mixes letters of different scripts, as look-alikes do");
    }
}
