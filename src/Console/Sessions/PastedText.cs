using System.Globalization;
using System.Text;

namespace Handrail.Sessions;

/// <summary>A text of unknown origin, written so that the language it is pasted into takes it for nothing but that text.</summary>
public static class PastedText
{
    /// <summary>A string in double quotes that JSON, C#, Python and JavaScript read alike. What would not be seen is written as its code.</summary>
    public static string InCode(string text)
    {
        var code = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\')
            {
                code.Append('\\').Append(c);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                code.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                code.Append(c);
            }
        }

        return code.Append('"').ToString();
    }

    /// <summary>One word of a POSIX shell.</summary>
    public static string InShell(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>A stretch of a shell's here document that expands variables.</summary>
    public static string InHereDocument(string text) => text
        .Replace(@"\", @"\\", StringComparison.Ordinal)
        .Replace("$", @"\$", StringComparison.Ordinal)
        .Replace("`", @"\`", StringComparison.Ordinal);
}
