using System.Text.Json;

namespace Handrail.Store;

/// <summary>The one spelling of an enum outside the process: snake_case, in the database, in JSON and in the URL.</summary>
public static class EnumText<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Names =
        Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()));

    private static readonly Dictionary<string, T> Values = Names.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    public static string Of(T value) => Names[value];

    public static bool TryParse(string? text, out T value)
    {
        value = default;
        return text is not null && Values.TryGetValue(text, out value);
    }

    public static IEnumerable<string> All => Names.Values;

    /// <exception cref="FormatException">The text is none of the spellings.</exception>
    public static T Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no {typeof(T).Name}.");
}

public static class EnumTextExtensions
{
    /// <summary>The value's snake_case spelling.</summary>
    public static string Text<T>(this T value)
        where T : struct, Enum => EnumText<T>.Of(value);
}
