using System.Globalization;
using System.Text;

namespace Handrail.Policy;

/// <summary>
/// Whether a text mixes writing systems, as look-alikes do ("Сasino" with a Cyrillic С). Ranges are those of the Unicode 16 blocks, coarsened to what letters need;
/// Chinese, Japanese and Korean letters, which are written together, count as one. What is not listed counts by its block of 256.
/// </summary>
internal static class Scripts
{
    /// <summary>The script of what is no letter, or is used with every script.</summary>
    public const int None = 0;

    private const int Latin = 1;
    private const int Greek = 2;
    private const int Cyrillic = 3;
    private const int Armenian = 4;
    private const int Hebrew = 5;
    private const int Arabic = 6;
    private const int Thai = 7;
    private const int Georgian = 8;
    private const int EastAsian = 9;
    private const int Ethiopic = 10;
    private const int Cherokee = 11;
    private const int Unlisted = 1000;

    private static readonly (int First, int Last, int Script)[] Ranges =
    [
        (0x0041, 0x024F, Latin), (0x0250, 0x02AF, Latin), (0x0370, 0x03FF, Greek), (0x0400, 0x052F, Cyrillic), (0x0530, 0x058F, Armenian),
        (0x0590, 0x05FF, Hebrew), (0x0600, 0x06FF, Arabic), (0x0750, 0x077F, Arabic), (0x0870, 0x08FF, Arabic), (0x0E00, 0x0E7F, Thai),
        (0x10A0, 0x10FF, Georgian), (0x1100, 0x11FF, EastAsian), (0x1200, 0x139F, Ethiopic), (0x13A0, 0x13FF, Cherokee), (0x1C80, 0x1C8F, Cyrillic),
        (0x1C90, 0x1CBF, Georgian), (0x1D00, 0x1D25, Latin), (0x1D26, 0x1D2A, Greek), (0x1D2B, 0x1D2B, Cyrillic), (0x1D2C, 0x1DBF, Latin),
        (0x1E00, 0x1EFF, Latin), (0x1F00, 0x1FFF, Greek), (0x2C60, 0x2C7F, Latin), (0x2D00, 0x2D2F, Georgian), (0x2DE0, 0x2DFF, Cyrillic),
        (0x2E80, 0x31FF, EastAsian), (0x3400, 0x4DBF, EastAsian), (0x4E00, 0x9FFF, EastAsian), (0xA640, 0xA69F, Cyrillic), (0xA720, 0xA7FF, Latin),
        (0xA960, 0xA97F, EastAsian), (0xAB30, 0xAB6F, Latin), (0xAB70, 0xABBF, Cherokee), (0xAC00, 0xD7FF, EastAsian), (0xF900, 0xFAFF, EastAsian),
        (0xFB1D, 0xFB4F, Hebrew), (0xFB50, 0xFDFF, Arabic), (0xFE70, 0xFEFF, Arabic), (0x20000, 0x3FFFF, EastAsian),
    ];

    /// <summary>Whether the letters of a text, in its <see cref="ComparableText"/> form, belong to more than one writing system.</summary>
    public static bool Mixed(ReadOnlySpan<char> comparable)
    {
        if (Ascii.IsValid(comparable)) return false;
        var seen = None;
        foreach (var rune in comparable.EnumerateRunes())
        {
            var script = Of(rune);
            if (script == None) continue;
            if (seen != None && seen != script) return true;
            seen = script;
        }

        return false;
    }

    /// <summary>A number for the writing system of a letter; <see cref="None"/> for anything else.</summary>
    public static int Of(Rune rune)
    {
        if (!Rune.IsLetter(rune) || IsCommonModifier(rune)) return None;
        foreach (var (first, last, script) in Ranges)
            if (rune.Value >= first && rune.Value <= last) return script;
        return Unlisted + (rune.Value >> 8);
    }

    /// <summary>Raised commas and the like, which every script uses.</summary>
    private static bool IsCommonModifier(Rune rune) =>
        rune.Value is >= 0x02B0 and <= 0x02FF && Rune.GetUnicodeCategory(rune) == UnicodeCategory.ModifierLetter;
}
