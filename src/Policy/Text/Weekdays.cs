using System.Globalization;

namespace Handrail.Policy;

/// <summary>The spellings of weekdays in policies.</summary>
internal static class Weekdays
{
    private static readonly string[] Names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    public static string Name(DayOfWeek day) => Names[(int)day];

    /// <summary>From 1 for Monday to 7 for Sunday, as ISO 8601 counts.</summary>
    public static int Number(DayOfWeek day) => day == DayOfWeek.Sunday ? 7 : (int)day;

    /// <summary>The day of a full name, of its first three letters, or of a number from 1 for Monday to 7 (or 0) for Sunday; null for anything else.</summary>
    public static DayOfWeek? Named(string text)
    {
        var word = ComparableText.Of(text);
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is >= 0 and <= 7 ? (DayOfWeek)(number % 7) : null;
        var index = Array.FindIndex(Names, name => name == word || name[..3] == word);
        return index < 0 ? null : (DayOfWeek)index;
    }
}
