namespace Handrail.Policy;

/// <summary>
/// A condition over variables, of which only some are settled yet. What it answers while others are open is a superset of what it can still become, and exact once all are
/// settled: so a search may turn back as soon as nothing acceptable is left, and stop as soon as nothing else is.
/// </summary>
internal abstract class Formula
{
    /// <summary>What it may still become.</summary>
    public abstract Outcomes Possible { get; }

    /// <summary>Everything that it compares.</summary>
    public abstract IEnumerable<Atom> Atoms { get; }

    /// <summary>Tells its atoms which outcomes they must have, as far as that follows, for it to become one of those allowed.</summary>
    public abstract void Narrow(Outcomes allowed);
}

/// <summary>Three-valued "not".</summary>
internal sealed class Negation(Formula part) : Formula
{
    public override Outcomes Possible => part.Possible.Negated();

    public override IEnumerable<Atom> Atoms => part.Atoms;

    public override void Narrow(Outcomes allowed) => part.Narrow(allowed.Negated());
}

/// <summary>Three-valued "and" or "or" of any number of parts.</summary>
internal sealed class Junction : Formula
{
    private readonly Formula[] _parts;
    private readonly Outcomes _ofNone;
    private readonly Outcomes _settles;
    private readonly Func<Outcomes, Outcomes, Outcomes> _join;

    private Junction(Formula[] parts, Outcomes ofNone, Outcomes settles, Func<Outcomes, Outcomes, Outcomes> join) =>
        (_parts, _ofNone, _settles, _join) = (parts, ofNone, settles, join);

    public static Junction All(IEnumerable<Formula> parts) => new([.. parts], Outcomes.True, Outcomes.False, OutcomeSets.And);

    public static Junction Any(IEnumerable<Formula> parts) => new([.. parts], Outcomes.False, Outcomes.True, OutcomeSets.Or);

    public override Outcomes Possible
    {
        get
        {
            var result = _ofNone;
            foreach (var part in _parts)
            {
                result = _join(result, part.Possible);
                if (result == _settles) break;
            }

            return result;
        }
    }

    public override IEnumerable<Atom> Atoms => _parts.SelectMany(part => part.Atoms);

    public override void Narrow(Outcomes allowed)
    {
        var possible = Array.ConvertAll(_parts, part => part.Possible);

        // What all parts behind each one may come to together, to be joined with all before it.
        var behind = new Outcomes[_parts.Length + 1];
        behind[^1] = _ofNone;
        for (var i = _parts.Length - 1; i >= 0; i--) behind[i] = _join(possible[i], behind[i + 1]);
        var before = _ofNone;
        for (var i = 0; i < _parts.Length; i++)
        {
            var permitted = OutcomeSets.Permitted(_join(before, behind[i + 1]), allowed, _join);
            if ((possible[i] & ~permitted) != 0) _parts[i].Narrow(permitted);
            before = _join(before, possible[i]);
        }
    }
}

/// <summary>Of several cases the first whose guard is true decides: how the most specific limit alone counts. Guards are never unknown.</summary>
internal sealed class FirstCase((Formula Guard, Formula Then)[] cases, Outcomes otherwise) : Formula
{
    public override Outcomes Possible
    {
        get
        {
            var result = Outcomes.None;
            foreach (var (guard, then) in cases)
            {
                var met = guard.Possible;
                if (met.Has(Truth.True)) result |= then.Possible;
                if (!met.Has(Truth.False)) return result;
            }

            return result | otherwise;
        }
    }

    public override IEnumerable<Atom> Atoms => cases.SelectMany(one => one.Guard.Atoms.Concat(one.Then.Atoms));

    public override void Narrow(Outcomes allowed)
    {
        // Which case will decide is open, so that nothing follows for any one of them.
    }
}
