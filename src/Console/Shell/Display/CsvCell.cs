using System.Buffers;

namespace Handrail.Shell.Display;

/// <summary>A cell of a CSV file that a spreadsheet shows and never runs.</summary>
public static class CsvCell
{
    private static readonly SearchValues<char> Separators = SearchValues.Create("\",\r\n;\t");

    /// <summary>
    /// Quoted where it must be; what a spreadsheet would take for a formula has an apostrophe before it (OWASP, CSV injection). Figures,
    /// negative ones too, stay figures.
    /// </summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var formula = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠'
            && !decimal.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _);
        var safe = formula ? "'" + text : text;
        return safe.AsSpan().ContainsAny(Separators) || formula ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
