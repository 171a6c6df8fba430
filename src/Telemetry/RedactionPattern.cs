using System.Text;

namespace Handrail.Telemetry;

/// <summary>
/// An administrator's own pattern: a fixed text, or a glob in which <c>*</c> stands for any run without spaces, quotes, commas or semicolons and
/// <c>?</c> for one character of such a run. It begins with a character of its own, and is found whatever the case of A to Z.
/// </summary>
public sealed class RedactionPattern
{
    /// <summary>Fewer characters of its own would be found everywhere.</summary>
    private const int FewestOwn = 3;

    private const int Longest = 200;

    /// <summary>As far as one star reaches, in bytes.</summary>
    private const int MostOfStar = 200;

    private readonly byte[] _pattern;

    private RedactionPattern(byte[] pattern) => _pattern = pattern;

    /// <summary>The bytes that a match may begin with.</summary>
    public IEnumerable<byte> FirstBytes => new[] { _pattern[0], Upper(_pattern[0]) }.Distinct();

    /// <exception cref="FormatException">The text is no pattern; the message says why.</exception>
    public static RedactionPattern Parse(string text)
    {
        if (text.Length > Longest)
            throw new FormatException($"is longer than {Longest} characters");
        if (text.Any(c => char.IsControl(c) || c is '"' or '\\'))
            throw new FormatException($"'{text}' has a quote, a backslash or a control character in it, which JSON writes otherwise");
        if (text is ['*' or '?', ..] or [])
            throw new FormatException($"'{text}' must begin with a character of its own, not with * or ?");
        if (text.Count(c => c is not ('*' or '?')) < FewestOwn)
            throw new FormatException($"'{text}' has fewer than {FewestOwn} characters of its own and would be found everywhere");
        byte[] pattern = Encoding.UTF8.GetBytes(text);
        for (int i = 0; i < pattern.Length; i++)
            pattern[i] = Lower(pattern[i]);
        return new RedactionPattern(pattern);
    }

    /// <summary>How many bytes match from there; 0 when it does not.</summary>
    public int Match(ReadOnlySpan<byte> text, int at) => Match(text[at..], _pattern);

    private static int Match(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern)
    {
        int matched = 0;
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '*')
            {
                ReadOnlySpan<byte> rest = text[matched..];
                int run = 0;
                while (run < rest.Length && run < MostOfStar && IsOfRun(rest[run]))
                    run++;

                // As much as possible, then less: what follows may need some of it.
                for (; run >= 0; run--)
                {
                    if (i + 1 == pattern.Length)
                        return matched + run;
                    if (Match(rest[run..], pattern[(i + 1)..]) is > 0 and int more)
                        return matched + run + more;
                }

                return 0;
            }

            if (matched >= text.Length || (pattern[i] == '?' ? !IsOfRun(text[matched]) : Lower(text[matched]) != pattern[i]))
                return 0;
            matched++;
        }

        return matched;
    }

    private static bool IsOfRun(byte b) => b is > (byte)' ' and not ((byte)'"' or (byte)'\\' or (byte)',' or (byte)';');

    private static byte Lower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;

    private static byte Upper(byte b) => b is >= (byte)'a' and <= (byte)'z' ? (byte)(b & ~0x20) : b;
}
