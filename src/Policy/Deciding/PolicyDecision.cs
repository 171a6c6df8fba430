namespace Handrail.Policy;

/// <summary>What the gate says of one action, and everything that spoke.</summary>
public sealed record PolicyDecision
{
    /// <summary>
    /// Nothing was decided, because the session, its agent or the fleet is paused or taken over: the agent asks again later. <see cref="Verdict"/> is then
    /// <see cref="Verdict.Deny"/>, for whoever does not look here.
    /// </summary>
    public bool Held { get; init; }

    /// <summary>What holds: the most restrictive of all reasons.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What the verdict would be if every layer gave the action type full autonomy and all else stayed as it is.</summary>
    public required Verdict WouldBe { get; init; }

    /// <summary>Everything that spoke, most restrictive first, and within the same verdict in the order of checks.</summary>
    public required IReadOnlyList<Reason> Reasons { get; init; }

    /// <summary>What the action counts as: the agent's statement, raised by the tool's entries.</summary>
    public required Risk Risk { get; init; }

    /// <summary>Under what terms people decide, if they do.</summary>
    public required ReviewTerms Review { get; init; }

    /// <summary>What to set aside, in the transaction that records the decision, before an allowed action goes; empty for all others.</summary>
    public IReadOnlyList<BudgetReservation> Reservations { get; init; } = [];

    /// <summary>The action goes and a person looks at it afterwards.</summary>
    public bool Sampled { get; init; }

    /// <summary>The same where something is denied beside every policy, such as a tool that is switched off over the whole fleet.</summary>
    /// <param name="reasons">Why; none where nothing is.</param>
    public PolicyDecision DeniedFor(IReadOnlyList<Reason> reasons) => reasons.Count == 0 || Held ? this : this with
    {
        Verdict = Verdict < Verdict.Deny ? Verdict.Deny : Verdict,
        WouldBe = WouldBe < Verdict.Deny ? Verdict.Deny : WouldBe,
        Reasons = Verdict < Verdict.Deny ? [.. reasons, .. Reasons] : [.. Reasons, .. reasons],
        Reservations = [],
        Sampled = false,
    };
}

/// <summary>One thing that spoke about an action.</summary>
/// <param name="Rule">What spoke: <c>limit:expense.approve/meals</c>, <c>rule:blocked-vendors</c>, <c>autonomy:expense.approve</c>, <c>control:session</c>, <c>breaker:turns</c>, <c>taint:0</c>, <c>tool:delete_ledger</c>, <c>data:claims</c>, <c>lookalike:vendor</c>, <c>guarantee:never-over-500</c>.</param>
/// <param name="Verdict">What it said.</param>
/// <param name="Text">Why, in plain words with the figures.</param>
/// <param name="Layer">The scope of the layer that it belongs to; null for what no layer holds.</param>
public sealed record Reason(string Rule, Verdict Verdict, string Text, string? Layer = null);

/// <summary>An amount that an allowed action takes out of a budget.</summary>
/// <param name="Budget">The budget.</param>
/// <param name="Amount">How much to set aside.</param>
/// <param name="Currency">ISO 4217 letters of both amounts.</param>
/// <param name="MaxTotal">What all amounts set aside together may not exceed: the caller checks it again as it writes.</param>
public sealed record BudgetReservation(BudgetKey Budget, decimal Amount, string Currency, decimal MaxTotal);

/// <summary>The terms of a person's decision, merged over all layers: of each, the most restrictive.</summary>
/// <param name="Approvals">How many different people must approve.</param>
/// <param name="ForbidSelfApproval">Whether the action's user may not approve.</param>
/// <param name="Timeout">How long it waits; null when it waits for ever.</param>
/// <param name="OnTimeout">What follows then.</param>
/// <param name="EscalateTo">The role asked next, where that is what follows.</param>
public sealed record ReviewTerms(int Approvals, bool ForbidSelfApproval, TimeSpan? Timeout, TimeoutOutcome OnTimeout, string? EscalateTo);
