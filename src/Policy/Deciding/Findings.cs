using System.Buffers;

namespace Handrail.Policy;

/// <summary>Collects what the checks say and draws the conclusion.</summary>
internal struct Findings()
{
    private const int UsualReasons = 16;

    private Reason[] _reasons = ArrayPool<Reason>.Shared.Rent(UsualReasons);
    private int _count;
    private BudgetReservation[] _reservations = [];
    private Verdict _wouldBe;

    public Verdict Verdict { get; private set; }

    /// <summary>Something is paused or taken over, so that nothing can be decided unless it is stopped as well.</summary>
    public bool Held { get; private set; }

    /// <summary>Notes what speaks whatever the level is.</summary>
    public void Add(Reason reason)
    {
        if (reason.Verdict > _wouldBe) _wouldBe = reason.Verdict;
        AddLevel(reason);
    }

    /// <summary>Notes what speaks only because a layer's level is below full autonomy.</summary>
    public void AddLevel(Reason reason)
    {
        if (reason.Verdict > Verdict) Verdict = reason.Verdict;
        if (_count == _reasons.Length) Grow();
        _reasons[_count++] = reason;
    }

    public void Hold(string rule, string text)
    {
        Held = true;
        Add(new(rule, Verdict.Deny, text));
    }

    public void Reserve(BudgetReservation reservation) => _reservations = [.. _reservations, reservation];

    public PolicyDecision Conclude(scoped ref Subject subject, IReadOnlyList<PolicyLayer> layers)
    {
        var allowed = Verdict == Verdict.Allow;
        var decision = new PolicyDecision
        {
            Held = Held && Verdict != Verdict.Stop,
            Verdict = Verdict,
            WouldBe = _wouldBe,
            Reasons = WinnerFirst(),
            Risk = subject.Risk,
            Review = Terms.Of(layers, ref subject),
            Reservations = allowed ? _reservations : [],
            Sampled = allowed && Sample.Includes(layers, subject.Facts.SessionId, subject.Action.ActionId),
        };
        ArrayPool<Reason>.Shared.Return(_reasons, clearArray: true);
        return decision;
    }

    /// <summary>The reasons from most to least restrictive, and of the same verdict in the order of checks.</summary>
    private readonly Reason[] WinnerFirst()
    {
        var sorted = new Reason[_count];
        var placed = 0;
        for (var verdict = Verdict; placed < _count; verdict--)
        {
            for (var i = 0; i < _count; i++)
                if (_reasons[i].Verdict == verdict) sorted[placed++] = _reasons[i];
        }

        return sorted;
    }

    private void Grow()
    {
        var larger = ArrayPool<Reason>.Shared.Rent(2 * _count);
        _reasons.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<Reason>.Shared.Return(_reasons, clearArray: true);
        _reasons = larger;
    }
}
