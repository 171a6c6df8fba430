using System.Collections.Frozen;

namespace Handrail.Policy;

/// <summary>
/// The limits that cover one action type, by vendor and category. Naming the vendor beats naming the category, which beats naming the type; of two that name the same, the
/// more specific type counts.
/// </summary>
internal sealed class LimitTable
{
    private readonly FrozenDictionary<string, ByCategory>.AlternateLookup<ReadOnlySpan<char>> _byVendor;
    private readonly ByCategory _anyVendor;

    /// <param name="limits">All that cover the type.</param>
    public LimitTable(IReadOnlyCollection<CompiledLimit> limits)
    {
        Ranked = [.. limits.OrderByDescending(limit => limit.Vendor is not null).ThenByDescending(limit => limit.Category is not null).ThenByDescending(limit => limit.TypeSpecificity)];
        _byVendor = Ranked.Where(limit => limit.Vendor is not null).GroupBy(limit => limit.Vendor!)
            .ToFrozenDictionary(group => group.Key, group => new ByCategory(group), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _anyVendor = new(Ranked.Where(limit => limit.Vendor is null));
    }

    /// <summary>The limits with the most specific first: the first that covers an action counts.</summary>
    public CompiledLimit[] Ranked { get; }

    /// <summary>The one limit that counts for an action, or null.</summary>
    public CompiledLimit? For(scoped in Subject subject)
    {
        if (Ranked.Length == 0) return null;
        return (subject.Action.Vendor is not null && _byVendor.TryGetValue(subject.Vendor, out var vendor) ? vendor.For(subject) : null) ?? _anyVendor.For(subject);
    }

    private sealed class ByCategory
    {
        private readonly FrozenDictionary<string, CompiledLimit>.AlternateLookup<ReadOnlySpan<char>> _named;
        private readonly CompiledLimit? _any;

        public ByCategory(IEnumerable<CompiledLimit> ranked)
        {
            var all = ranked.ToList();
            _named = all.Where(limit => limit.Category is not null).DistinctBy(limit => limit.Category)
                .ToFrozenDictionary(limit => limit.Category!, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
            _any = all.Find(limit => limit.Category is null);
        }

        public CompiledLimit? For(scoped in Subject subject) =>
            subject.Action.Category is not null && _named.TryGetValue(subject.Category, out var limit) ? limit : _any;
    }
}
