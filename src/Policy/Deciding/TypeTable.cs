using System.Collections.Frozen;

namespace Handrail.Policy;

/// <summary>
/// What holds for every action type, worked out once for each type and prefix that a document names. A type that it doesn't name is ruled as the longest named prefix
/// above it, since whatever else covers the one covers the other.
/// </summary>
internal sealed class TypeTable<T>
{
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _types;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _prefixes;
    private readonly T _others;

    /// <param name="named">The types and prefixes that the document names.</param>
    /// <param name="ruling">What holds for the types that one of them stands for; for all others, given null.</param>
    public TypeTable(IEnumerable<TypePattern> named, Func<TypePattern?, T> ruling)
    {
        Named = [.. named.DistinctBy(pattern => (pattern.Text, pattern.IsPrefix))];
        _types = Table(Named.Where(pattern => !pattern.IsPrefix), ruling);
        _prefixes = Table(Named.Where(pattern => pattern.IsPrefix), ruling);
        _others = ruling(null);
        All = [.. _types.Dictionary.Values, .. _prefixes.Dictionary.Values, _others];
    }

    /// <summary>The types and prefixes that the document names, each once.</summary>
    public IReadOnlyList<TypePattern> Named { get; }

    /// <summary>What holds for each of them, and for all other types.</summary>
    public IEnumerable<T> All { get; }

    public T this[ReadOnlySpan<char> type]
    {
        get
        {
            if (_types.TryGetValue(type, out var exact)) return exact;
            for (var dot = type.LastIndexOf('.'); dot >= 0; dot = type[..dot].LastIndexOf('.'))
                if (_prefixes.TryGetValue(type[..(dot + 1)], out var below)) return below;
            return _others;
        }
    }

    private static FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> Table(IEnumerable<TypePattern> patterns, Func<TypePattern?, T> ruling) =>
        patterns.ToFrozenDictionary(pattern => pattern.Text, pattern => ruling(pattern), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
}
