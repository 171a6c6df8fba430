namespace Handrail.Policy;

/// <summary>A condition made ready to be asked often: fields looked up and texts normalised once.</summary>
internal abstract class CompiledCondition
{
    public static CompiledCondition Of(Condition condition, TimeZoneInfo zone) => condition switch
    {
        AllOf all => new CompiledAll([.. all.Parts.Select(part => Of(part, zone))]),
        AnyOf any => new CompiledAny([.. any.Parts.Select(part => Of(part, zone))]),
        Not not => new CompiledNot(Of(not.Part, zone)),
        Comparison comparison => new CompiledComparison(comparison, zone),
        _ => throw new ArgumentException($"{condition.GetType().Name} is no condition known here.", nameof(condition)),
    };

    /// <param name="subject">What is decided on.</param>
    /// <param name="alone">The layer whose tool entries alone count; null for those of all layers.</param>
    public abstract Truth Holds(scoped ref Subject subject, PolicyLayer? alone);

    /// <summary>Whether it speaks of what tool entries say, so that entries of another layer could change its outcome.</summary>
    public abstract bool ReadsToolEntries { get; }

    /// <summary>Adds what kept it from being known: each member that is missing or of the wrong kind, once.</summary>
    public abstract void Obstacles(scoped ref Subject subject, PolicyLayer? alone, List<string> found);
}

internal sealed class CompiledAll(CompiledCondition[] parts) : CompiledCondition
{
    public CompiledCondition[] Parts => parts;

    public override bool ReadsToolEntries { get; } = parts.Any(part => part.ReadsToolEntries);

    public override Truth Holds(scoped ref Subject subject, PolicyLayer? alone)
    {
        var result = Truth.True;
        foreach (var part in parts)
        {
            var truth = part.Holds(ref subject, alone);
            if (truth == Truth.False) return Truth.False;
            if (truth < result) result = truth;
        }

        return result;
    }

    public override void Obstacles(scoped ref Subject subject, PolicyLayer? alone, List<string> found)
    {
        foreach (var part in parts) part.Obstacles(ref subject, alone, found);
    }
}

internal sealed class CompiledAny(CompiledCondition[] parts) : CompiledCondition
{
    public CompiledCondition[] Parts => parts;

    public override bool ReadsToolEntries { get; } = parts.Any(part => part.ReadsToolEntries);

    public override Truth Holds(scoped ref Subject subject, PolicyLayer? alone)
    {
        var result = Truth.False;
        foreach (var part in parts)
        {
            var truth = part.Holds(ref subject, alone);
            if (truth == Truth.True) return Truth.True;
            if (truth > result) result = truth;
        }

        return result;
    }

    public override void Obstacles(scoped ref Subject subject, PolicyLayer? alone, List<string> found)
    {
        foreach (var part in parts) part.Obstacles(ref subject, alone, found);
    }
}

internal sealed class CompiledNot(CompiledCondition part) : CompiledCondition
{
    public CompiledCondition Part => part;

    public override bool ReadsToolEntries => part.ReadsToolEntries;

    public override Truth Holds(scoped ref Subject subject, PolicyLayer? alone) => part.Holds(ref subject, alone).Negated();

    public override void Obstacles(scoped ref Subject subject, PolicyLayer? alone, List<string> found) => part.Obstacles(ref subject, alone, found);
}
