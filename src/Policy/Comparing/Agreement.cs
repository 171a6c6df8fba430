namespace Handrail.Policy;

/// <summary>How often a policy by itself would have done as people did, where both have a word.</summary>
/// <param name="Agreed">It let go what people approved as proposed, or refused what they rejected.</param>
/// <param name="Disagreed">It let go what people rejected or edited, or refused what they approved.</param>
/// <param name="LeftToPeople">It would have asked a person, or done nothing: it has no word.</param>
public readonly record struct Agreement(long Agreed, long Disagreed, long LeftToPeople)
{
    /// <summary>How many it has a word on.</summary>
    public long Decided => Agreed + Disagreed;

    /// <summary>Between which shares of agreement the true one lies, at 95 %.</summary>
    public WilsonInterval Interval => WilsonInterval.Of(Agreed, Decided);

    /// <summary>The same with one more decision counted.</summary>
    public Agreement With(Verdict verdict, PeopleDecision people) => (verdict, people) switch
    {
        (Verdict.Review or Verdict.Shadow, _) => this with { LeftToPeople = LeftToPeople + 1 },
        (Verdict.Allow, PeopleDecision.Approved) or (Verdict.Deny or Verdict.Stop, PeopleDecision.Rejected) => this with { Agreed = Agreed + 1 },
        _ => this with { Disagreed = Disagreed + 1 },
    };
}
