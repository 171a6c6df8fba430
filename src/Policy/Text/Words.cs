using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>The words of the wire, in <c>snake_case</c>, for the values of this library's enumerations.</summary>
public static class Words
{
    /// <summary>The word of a value: <c>cost_usd</c> for <see cref="BreakerMetric.CostUsd"/>.</summary>
    public static string Word<T>(this T value)
        where T : struct, Enum => Of<T>.ByValue[value];

    /// <summary>The value of a word, exactly as it is spelt; false for any other.</summary>
    public static bool TryParse<T>([NotNullWhen(true)] string? word, out T value)
        where T : struct, Enum
    {
        value = default;
        return word is not null && Of<T>.ByWord.TryGetValue(word, out value);
    }

    /// <summary>All words of an enumeration, in its order.</summary>
    public static IEnumerable<string> All<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Word);

    private static class Of<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> ByValue =
            Enum.GetValues<T>().ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly FrozenDictionary<string, T> ByWord =
            ByValue.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
    }
}
