using System.Globalization;
using System.Text;

namespace Handrail.Shell.Display;

/// <summary>A stretch of text: shown as it is, or as a mark in place of characters that would not be seen or would move others.</summary>
public readonly record struct TextRun(string Text, bool Mark)
{
    /// <summary>What the mark stands for, spoken out.</summary>
    public string? Meaning { get; init; }
}

/// <summary>
/// Text of unknown origin made fit to look at: control, bidirectional, zero-width and other unseen characters become marks with
/// their code, so that what a person reads is what is there.
/// </summary>
public static class VisibleText
{
    /// <summary>More accents than this on one letter are drawn over the lines around it.</summary>
    private const int MostAccents = 3;

    public static IReadOnlyList<TextRun> Of(string text)
    {
        var runs = new List<TextRun>();
        var plain = new StringBuilder();
        var accents = 0;
        var before = 0;
        for (var i = 0; i < text.Length;)
        {
            var valid = Rune.TryGetRuneAt(text, i, out var rune);
            var code = valid ? rune.Value : text[i];
            var length = valid ? rune.Utf16SequenceLength : 1;
            var category = valid ? Rune.GetUnicodeCategory(rune) : UnicodeCategory.Surrogate;
            accents = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? accents + 1 : 0;
            if (code == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                // Windows' line end is one line end.
            }
            else if (!Unseen(code, category, before) && accents <= MostAccents)
            {
                plain.Append(text, i, length);
            }
            else
            {
                Flush();
                var same = i + length;
                var times = 1;
                while (valid && same + length <= text.Length && string.CompareOrdinal(text, i, text, same, length) == 0)
                {
                    same += length;
                    times++;
                }

                runs.Add(new TextRun(times == 1 ? $"U+{code:X4}" : $"U+{code:X4} ×{times}", Mark: true) { Meaning = Name(code, category) });
                length = same - i;
            }

            before = code;
            i += length;
        }

        Flush();
        return runs;

        void Flush()
        {
            if (plain.Length > 0)
            {
                runs.Add(new TextRun(plain.ToString(), Mark: false));
                plain.Clear();
            }
        }
    }

    private static bool Unseen(int code, UnicodeCategory category, int before) => code switch
    {
        '\n' or '\t' => false,
        // Letters and spaces by name that nothing is drawn for.
        0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 or 0x034F or 0xFFFC => true,
        // After a symbol or emoji a variation selector only chooses its look; anywhere else it can carry hidden data.
        0xFE0E or 0xFE0F => !(before is >= 0x2000 and <= 0x3299 or >= 0x1F000 and <= 0x1FAFF or '#' or '*' or >= '0' and <= '9'),
        >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF => true,
        _ => category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator,
    };

    private static string Name(int code, UnicodeCategory category) => code switch
    {
        0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) => "turns the direction of the text",
        0x200B or 0x200C or 0x200D or 0x2060 or 0xFEFF => "has no width",
        0x1B => "starts a terminal command",
        >= 0xE0000 and <= 0xE007F => "is a hidden tag",
        _ => category switch
        {
            UnicodeCategory.Control => "is a control character",
            UnicodeCategory.Surrogate => "is half a character",
            UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => "has no agreed meaning",
            UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => "is one accent too many",
            _ => "is not seen",
        },
    };
}
