namespace Handrail.Policy;

/// <summary>
/// Looks for values that meet all demands: settles one variable after another, turns back where a demand is lost, and stops where all are met whatever the rest is. It tries
/// every value that can make a difference, so that finding none proves that there is none.
/// </summary>
internal sealed class Search(int mostSteps)
{
    private int _steps;

    /// <summary>Whether there is such a choice; it is then left settled in the variables.</summary>
    /// <exception cref="BeyondProofException">There was too much to try.</exception>
    public bool Finds(IReadOnlyList<Demand> demands)
    {
        if (++_steps > mostSteps) throw new BeyondProofException("there are too many combinations to try");
        var open = new List<Demand>();
        foreach (var demand in demands)
        {
            if (demand.IsLost) return false;
            if (!demand.IsMet) open.Add(demand);
        }

        if (open.Count == 0) return true;

        // What is decided stays decided, so that from here on only the open demands tell values apart.
        var atoms = open.SelectMany(demand => demand.Formula.Atoms).Distinct().ToList();
        foreach (var atom in atoms) atom.Demanded = Outcomes.Any;
        foreach (var demand in open) demand.Formula.Narrow(demand.Allowed);

        var (variable, values) = Fewest(open[0], atoms);
        foreach (var value in values)
        {
            variable.Settle(value);
            if (Finds(open)) return true;
        }

        variable.Open();
        return false;
    }

    /// <summary>Of the variables that the first open demand turns on, the one with the fewest values left; such whose values can't be listed only when there is no other.</summary>
    private static (Variable Variable, List<object?> Values) Fewest(Demand demand, List<Atom> atoms)
    {
        (Variable Variable, List<object?> Values)? best = null;
        BeyondProofException? beyond = null;
        foreach (var variable in demand.Formula.Atoms.SelectMany(atom => atom.Variables).Distinct().Where(variable => !variable.IsSettled))
        {
            try
            {
                var own = atoms.FindAll(atom => atom.Variables.Contains(variable));
                var values = variable.Values(own).Where(value => !own.Exists(atom => atom.Contradicts(variable, value))).ToList();
                if (best is null || values.Count < best.Value.Values.Count) best = (variable, values);
            }
            catch (BeyondProofException exception)
            {
                beyond = exception;
            }
        }

        return best ?? throw beyond!;
    }
}
