using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>One action type, or all others, in one layer: what its slider and its limit show.</summary>
public sealed record AutonomyRow
{
    /// <summary>Null for all others.</summary>
    public required string? Type { get; init; }

    /// <summary>What the layer itself says.</summary>
    public required Autonomy Level { get; init; }

    /// <summary>The layer names this very type.</summary>
    public required bool Own { get; init; }

    /// <summary>The wider entry that sets the level; null when it is the layer's general level.</summary>
    public string? From { get; init; }

    /// <summary>What the fleet's layer says of it; null in the fleet's own rows.</summary>
    public Autonomy? Fleet { get; init; }

    /// <summary>The type's own limit.</summary>
    public Limit? Limit { get; init; }

    /// <summary>A wider limit that covers the type for want of one of its own.</summary>
    public Limit? WiderLimit { get; init; }

    /// <summary>The fleet's limit that covers the type too; null in the fleet's own rows.</summary>
    public Limit? FleetLimit { get; init; }

    /// <summary>Limits for single categories and vendors of the type.</summary>
    public IReadOnlyList<Limit> Narrower { get; init; } = [];

    /// <summary>How often it was asked for lately.</summary>
    public int Seen { get; init; }

    /// <summary>The currency a new limit is most likely meant in.</summary>
    public required string Currency { get; init; }

    /// <summary>The layer holds nothing back here, so that what counts is the fleet's level.</summary>
    public bool AsFleet => Fleet is not null && !Own && From is null && Level == Autonomy.Autonomous;

    /// <summary>Where the slider stands.</summary>
    public Autonomy Shown => AsFleet ? Fleet!.Value : Level;

    /// <summary>The most restrictive layer's.</summary>
    public Autonomy InForce => Fleet < Level ? Fleet.Value : Level;

    /// <summary>The layer would let more go than the fleet does.</summary>
    public bool HeldBack => !AsFleet && Fleet < Level;

    /// <summary>The rows of one layer: types that it names, types seen lately, and all others at the end.</summary>
    /// <param name="fleet">The fleet's document; null for the fleet's own rows.</param>
    public static IReadOnlyList<AutonomyRow> Of(PolicyDocument document, PolicyDocument? fleet, IReadOnlyCollection<TypeSeen> seen)
    {
        // An agent could name a type that reads as a pattern, and a slider moved for it would move many: such types get no row.
        var counts = seen.Where(t => !t.Type.Contains('*', StringComparison.Ordinal)).GroupBy(t => ComparableText.Of(t.Type))
            .ToDictionary(g => g.Key, g => (g.First().Type, Count: g.Sum(t => t.Count), g.FirstOrDefault(t => t.Currency is not null)?.Currency));
        var named = document.Actions.Select(a => a.Type).Concat(document.Limits.Select(l => l.Type).OfType<string>());
        var types = named.Concat(counts.Values.Select(c => c.Type)).DistinctBy(ComparableText.Of).OrderBy(t => t, StringComparer.OrdinalIgnoreCase);
        return [.. types.Select(t => Row(t)), Row(null)];

        AutonomyRow Row(string? type)
        {
            var key = type is null ? null : ComparableText.Of(type);
            var entry = type is null ? null : document.LevelEntryFor(type);
            var own = type is null || (entry is not null && ComparableText.Of(entry.Type) == key);
            var limit = type is null ? null : document.LimitFor(type);
            var ownLimit = limit?.Type is { } limited && ComparableText.Of(limited) == key;
            var known = key is null ? default : counts.GetValueOrDefault(key);
            return new AutonomyRow
            {
                Type = type,
                Level = document.LevelFor(type),
                Own = type is not null && own,
                From = own ? null : entry?.Type,
                Fleet = fleet?.LevelFor(type),
                Limit = ownLimit ? limit : null,
                WiderLimit = ownLimit ? null : limit,
                FleetLimit = type is null ? null : fleet?.LimitFor(type),
                Narrower = [.. document.Limits.Where(l => (type is null || l is not { Category: null, Vendor: null }) && (l.Type is null ? null : ComparableText.Of(l.Type)) == key)],
                Seen = known.Count,
                Currency = limit?.Currency ?? known.Currency ?? "USD",
            };
        }
    }
}
