using System.Buffers;
using System.Globalization;
using System.Text;

namespace Handrail.Policy;

/// <summary>
/// Text as policies compare it: Unicode NFKC, full case folding, runs of white space collapsed to one space and none at the ends,
/// without characters that nobody sees. So "Straße  9 " equals "STRASSE 9".
/// </summary>
public static class ComparableText
{
    private static readonly SearchValues<char> Settled = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.,;:_-+*/()'&@#!?%$=<>[]{}|~^`\"\\");

    /// <summary>The comparable form of a text; the same instance where it already has it.</summary>
    public static string Of(string text)
    {
        if (IsSettled(text)) return text;
        if (Ascii.IsValid(text)) return Collapse(text);

        // Decomposed first, so that folding meets base letters and marks one by one; a lone surrogate becomes U+FFFD.
        var decomposed = WellFormed(text).Normalize(NormalizationForm.FormKD);
        return Collapse(decomposed).Normalize(NormalizationForm.FormKC);
    }

    /// <summary>Whether a text has its comparable form for certain, by its letters alone.</summary>
    internal static bool IsSettled(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(Settled) < 0;

    /// <summary>Writes the comparable form of an ASCII text, which is never longer, and says how long it is.</summary>
    internal static int CollapseAscii(ReadOnlySpan<char> text, Span<char> room)
    {
        var length = 0;
        var spaceOwed = false;
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                spaceOwed = length > 0;
            }
            else if (!char.IsControl(c))
            {
                if (spaceOwed) room[length++] = ' ';
                spaceOwed = false;
                room[length++] = char.ToLowerInvariant(c);
            }
        }

        return length;
    }

    private static string WellFormed(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune);
        return result.ToString();
    }

    private static string Collapse(string text)
    {
        var result = new StringBuilder(text.Length);
        var spaceOwed = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                spaceOwed = result.Length > 0;
            }
            else if (!IsInvisible(rune))
            {
                if (spaceOwed) result.Append(' ');
                spaceOwed = false;
                AppendFolded(result, rune);
            }
        }

        return result.ToString();
    }

    private static void AppendFolded(StringBuilder result, Rune rune)
    {
        switch (rune.Value)
        {
            case 'ß' or 'ẞ': result.Append("ss"); break;
            case 0x0345: result.Append('ι'); break; // the iota written below a Greek vowel
            default: result.Append(Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune))); break; // by way of the capital, so that ς meets σ
        }
    }

    /// <summary>Controls and what Unicode calls default ignorable: joiners, direction marks, fillers, variation selectors.</summary>
    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x3164
            or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0100 and <= 0xE01EF);
}
