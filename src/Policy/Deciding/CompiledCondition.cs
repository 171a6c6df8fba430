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

    public abstract Truth Holds(Subject subject);

    /// <summary>Whether it speaks of what tool entries say, so that entries of another layer could change its outcome.</summary>
    public abstract bool ReadsToolEntries { get; }

    /// <summary>What kept it from being known: each member that is missing or of the wrong kind.</summary>
    public abstract IEnumerable<string> Obstacles(Subject subject);

    private sealed class CompiledAll(CompiledCondition[] parts) : CompiledCondition
    {
        public override bool ReadsToolEntries { get; } = parts.Any(part => part.ReadsToolEntries);

        public override Truth Holds(Subject subject)
        {
            var result = Truth.True;
            foreach (var part in parts)
            {
                var truth = part.Holds(subject);
                if (truth == Truth.False) return Truth.False;
                if (truth < result) result = truth;
            }

            return result;
        }

        public override IEnumerable<string> Obstacles(Subject subject) => parts.SelectMany(part => part.Obstacles(subject));
    }

    private sealed class CompiledAny(CompiledCondition[] parts) : CompiledCondition
    {
        public override bool ReadsToolEntries { get; } = parts.Any(part => part.ReadsToolEntries);

        public override Truth Holds(Subject subject)
        {
            var result = Truth.False;
            foreach (var part in parts)
            {
                var truth = part.Holds(subject);
                if (truth == Truth.True) return Truth.True;
                if (truth > result) result = truth;
            }

            return result;
        }

        public override IEnumerable<string> Obstacles(Subject subject) => parts.SelectMany(part => part.Obstacles(subject));
    }

    private sealed class CompiledNot(CompiledCondition part) : CompiledCondition
    {
        public override bool ReadsToolEntries => part.ReadsToolEntries;

        public override Truth Holds(Subject subject) => part.Holds(subject).Negated();

        public override IEnumerable<string> Obstacles(Subject subject) => part.Obstacles(subject);
    }
}
