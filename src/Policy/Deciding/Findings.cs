namespace Handrail.Policy;

/// <summary>Collects what the checks say and draws the conclusion.</summary>
internal sealed class Findings
{
    private readonly List<Reason> _reasons = [];
    private readonly List<BudgetReservation> _reservations = [];
    private Verdict _wouldBe;

    public Verdict Verdict { get; private set; }

    /// <summary>Something is paused or taken over, so that nothing can be decided unless it is stopped as well.</summary>
    public bool Held { get; private set; }

    /// <summary>Notes what speaks whatever the level is.</summary>
    public void Add(string rule, Verdict verdict, string text, PolicyLayer? layer = null)
    {
        if (verdict > _wouldBe) _wouldBe = verdict;
        AddLevel(rule, verdict, text, layer);
    }

    /// <summary>Notes what speaks only because a layer's level is below full autonomy.</summary>
    public void AddLevel(string rule, Verdict verdict, string text, PolicyLayer? layer)
    {
        if (verdict > Verdict) Verdict = verdict;
        _reasons.Add(new(rule, verdict, text, layer?.Scope));
    }

    public void Hold(string rule, string text)
    {
        Held = true;
        Add(rule, Verdict.Deny, text);
    }

    public void Reserve(BudgetReservation reservation) => _reservations.Add(reservation);

    public PolicyDecision Conclude(Subject subject, IReadOnlyList<PolicyLayer> layers) => new()
    {
        Held = Held && Verdict != Verdict.Stop,
        Verdict = Verdict,
        WouldBe = _wouldBe,
        Reasons = [.. _reasons.OrderByDescending(reason => reason.Verdict)],
        Risk = subject.Risk,
        Review = Terms.Of(layers, subject),
        Reservations = Verdict == Verdict.Allow ? _reservations : [],
        Sampled = Verdict == Verdict.Allow && Sample.Includes(layers, subject),
    };
}
