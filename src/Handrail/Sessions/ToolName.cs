using Handrail.Policy;

namespace Handrail.Sessions;

/// <summary>Tools as frameworks name them: <c>mcp__ledger__send_payment</c>, <c>Ledger.SendPayment</c> and <c>send-payment</c> are one.</summary>
internal static class ToolName
{
    /// <summary>A part shorter than this is in too many names.</summary>
    private const int Telling = 4;

    private static readonly string[] Prefixed = ["__", "/", ":", "."];

    /// <summary>Whether two names may be the same tool's. Where in doubt they are: no difference in spelling is to make a difference.</summary>
    public static bool MayBe(string one, string other)
    {
        var (a, b) = (Core(one), Core(other));
        return a == b || (a.Length >= Telling && b.Contains(a, StringComparison.Ordinal)) || (b.Length >= Telling && a.Contains(b, StringComparison.Ordinal));
    }

    /// <summary>The name without what a framework puts before it, without capitals and separators.</summary>
    private static string Core(string name)
    {
        var text = ComparableText.Of(name);
        foreach (var separator in Prefixed)
        {
            var at = text.LastIndexOf(separator, StringComparison.Ordinal);
            if (at >= 0 && at + separator.Length < text.Length)
            {
                text = text[(at + separator.Length)..];
            }
        }

        return string.Concat(text.Where(char.IsLetterOrDigit));
    }
}
