namespace Handrail.Telemetry;

/// <summary>Shapes of what should not be kept: keys, e-mail addresses, card numbers, found in UTF-8 that may be JSON within JSON.</summary>
internal static class SecretShapes
{
    private const int LongestLocalPart = 64;
    private const int LongestDomain = 253;
    private const int LongestKey = 4_096;

    /// <summary>Of <c>\uXXXX</c>, as which JSON within JSON has its quotes.</summary>
    private const int EscapeLength = 6;

    /// <summary>Card numbers have 13 to 19 digits (ISO/IEC 7812-1).</summary>
    private const int FewestCardDigits = 13;
    private const int MostCardDigits = 19;

    /// <summary>Prefixes that their makers document, and the fewest characters that follow in a real one.</summary>
    private static readonly (byte[] Prefix, int Least)[] Prefixes =
    [
        ("sk-"u8.ToArray(), 20), ("sk_live_"u8.ToArray(), 16), ("sk_test_"u8.ToArray(), 16), ("rk_live_"u8.ToArray(), 16),
        ("AKIA"u8.ToArray(), 16), ("ASIA"u8.ToArray(), 16), ("AIza"u8.ToArray(), 30),
        ("ghp_"u8.ToArray(), 30), ("gho_"u8.ToArray(), 30), ("ghu_"u8.ToArray(), 30), ("ghs_"u8.ToArray(), 30), ("ghr_"u8.ToArray(), 30),
        ("github_pat_"u8.ToArray(), 30), ("glpat-"u8.ToArray(), 20),
        ("xoxb-"u8.ToArray(), 20), ("xoxp-"u8.ToArray(), 20), ("xoxa-"u8.ToArray(), 20), ("xoxr-"u8.ToArray(), 20), ("xoxs-"u8.ToArray(), 20),
        ("hra_"u8.ToArray(), 20), ("hru_"u8.ToArray(), 20), ("npm_"u8.ToArray(), 30), ("Bearer "u8.ToArray(), 20), ("eyJ"u8.ToArray(), 30),
    ];

    /// <summary>The first two bytes that a key may begin with.</summary>
    public static IEnumerable<(byte First, byte Second)> Beginnings =>
        Prefixes.Select(p => (p.Prefix[0], p.Prefix[1])).Append(((byte)'-', (byte)'-')).Distinct();

    /// <summary>How many bytes of a key begin there; 0 when none does.</summary>
    public static int Key(ReadOnlySpan<byte> text, int at)
    {
        ReadOnlySpan<byte> rest = text[at..];
        if (rest[0] == '-')
            return PrivateKey(rest);
        foreach ((byte[] prefix, int least) in Prefixes)
        {
            if (prefix[0] != rest[0] || !rest.StartsWith(prefix) || !BeginsWord(text, at))
                continue;
            int end = prefix.Length;
            while (end < rest.Length && end < LongestKey && IsOfKey(rest[end]))
                end++;
            if (end - prefix.Length >= least && (rest[0] != 'e' || rest[..end].Count((byte)'.') == 2))
                return end;
        }

        return 0;
    }

    /// <summary>An e-mail address around an at sign; an end of 0 when there is none.</summary>
    public static (int Start, int End) Email(ReadOnlySpan<byte> text, int at)
    {
        int start = at;
        while (start > 0 && at - start < LongestLocalPart && IsOfLocalPart(text[start - 1]))
            start--;
        start = Math.Min(at, BehindEscape(text, start));
        if (start > 0 && text[start - 1] == '\\')
            start++;
        while (start < at && text[start] == '.')
            start++;
        int end = at + 1;
        while (end < text.Length && end - at <= LongestDomain && IsOfDomain(text[end]))
            end++;
        while (end > at + 1 && text[end - 1] is (byte)'.' or (byte)'-')
            end--;
        ReadOnlySpan<byte> domain = text[(at + 1)..end];
        int dot = domain.LastIndexOf((byte)'.');
        return start < at && dot > 0 && domain.Length - dot > 2 && !domain[(dot + 1)..].ContainsAnyInRange((byte)'0', (byte)'9') ? (start, end) : default;
    }

    /// <summary>A card number whose first digit is there, and where to look on when it is none.</summary>
    public static (int Length, int After) Card(ReadOnlySpan<byte> text, int at)
    {
        if (BehindEscape(text, at) is var behind && behind > at)
            return (0, behind);
        if (text[at] is < (byte)'2' or > (byte)'6' || !BeginsWord(text, at))
            return (0, Digits(text, at));
        Span<byte> digits = stackalloc byte[MostCardDigits];
        int count = 0;
        int end = at;
        int card = 0;
        while (end < text.Length && count < MostCardDigits)
        {
            if (IsDigit(text[end]))
            {
                digits[count++] = (byte)(text[end++] - '0');
                if (count >= FewestCardDigits && (end == text.Length || !IsWord(text[end])) && IsCard(digits[..count]))
                    card = end - at;
            }
            else if (text[end] is (byte)' ' or (byte)'-' && end + 1 < text.Length && IsDigit(text[end + 1]))
            {
                end++;
            }
            else
            {
                break;
            }
        }

        return card > 0 ? (card, at + card) : (0, Digits(text, at));
    }

    /// <summary>Behind the <c>\uXXXX</c> that reaches over there, whose digits are none of the text's; there itself where none does.</summary>
    public static int BehindEscape(ReadOnlySpan<byte> text, int at)
    {
        for (int begin = at - 1; begin >= 0 && begin > at - EscapeLength; begin--)
        {
            if (text[begin] == '\\')
                return IsEscape(text, begin) ? begin + EscapeLength : at;
        }

        return at;
    }

    private static bool IsEscape(ReadOnlySpan<byte> text, int begin) =>
        text.Length >= begin + EscapeLength && text[begin] == '\\' && text[begin + 1] == 'u' && IsHex(text[begin + 2]) && IsHex(text[begin + 3]) && IsHex(text[begin + 4]) && IsHex(text[begin + 5]);

    /// <summary>Behind the digits that begin there.</summary>
    private static int Digits(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsDigit(text[at]))
            at++;
        return at;
    }

    /// <summary>The length and the beginning that an issuer gives its numbers, and the check digit by Luhn's formula.</summary>
    private static bool IsCard(ReadOnlySpan<byte> digits)
    {
        int four = (digits[0] * 1000) + (digits[1] * 100) + (digits[2] * 10) + digits[3];
        bool issued = digits.Length switch
        {
            13 => four is >= 4000 and <= 4999,
            14 => four is (>= 3000 and <= 3059) or (>= 3600 and <= 3699) or (>= 3800 and <= 3999),
            15 => four is (>= 3400 and <= 3499) or (>= 3700 and <= 3799),
            _ => four is (>= 4000 and <= 4999) or (>= 5100 and <= 5599) or (>= 2221 and <= 2720) or (>= 3528 and <= 3589)
                or 6011 or (>= 6440 and <= 6599) or (>= 6200 and <= 6299),
        };
        if (!issued)
            return false;
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)];
            sum += i % 2 == 0 ? digit : (digit * 2 / 10) + (digit * 2 % 10);
        }

        return sum % 10 == 0;
    }

    private static int PrivateKey(ReadOnlySpan<byte> rest)
    {
        if (!rest.StartsWith("-----BEGIN "u8))
            return 0;
        int head = rest[..Math.Min(rest.Length, 80)].IndexOf("PRIVATE KEY-----"u8);
        if (head < 0)
            return 0;
        ReadOnlySpan<byte> tail = "PRIVATE KEY-----"u8;
        int body = head + tail.Length;
        int end = body;
        while (end < rest.Length && IsOfPem(rest, end, out int length))
            end += length;

        // Cut off before its end it is a key all the same.
        int foot = rest[body..end].IndexOf(tail);
        return foot < 0 ? end : body + foot + tail.Length;
    }

    /// <summary>What stands in a key in PEM; its line ends may be escapes, of JSON within JSON too.</summary>
    private static bool IsOfPem(ReadOnlySpan<byte> text, int at, out int length)
    {
        length = 1;
        if (text[at] != '\\')
            return IsOfKey(text[at]) || text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)':' or (byte)',';
        while (at + length < text.Length && text[at + length] == '\\')
            length++;
        return at + length < text.Length && text[at + length++] is (byte)'n' or (byte)'r';
    }

    /// <summary>Nothing of the same word stands before; a letter that belongs to an escape is none.</summary>
    private static bool BeginsWord(ReadOnlySpan<byte> text, int at) =>
        at == 0 || !IsWord(text[at - 1]) || (at > 1 && text[at - 2] == '\\' && text[at - 1] is (byte)'n' or (byte)'t' or (byte)'r' or (byte)'b' or (byte)'f')
        || (at >= EscapeLength && IsEscape(text, at - EscapeLength));

    private static bool IsWord(byte b) => IsDigit(b) || IsLetter(b) || b == '_';

    private static bool IsOfKey(byte b) => IsDigit(b) || IsLetter(b) || b is (byte)'_' or (byte)'-' or (byte)'.' or (byte)'=' or (byte)'+' or (byte)'/';

    private static bool IsOfLocalPart(byte b) => IsDigit(b) || IsLetter(b) || b is (byte)'.' or (byte)'_' or (byte)'%' or (byte)'+' or (byte)'-';

    private static bool IsOfDomain(byte b) => IsDigit(b) || IsLetter(b) || b is (byte)'.' or (byte)'-';

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';

    private static bool IsHex(byte b) => IsDigit(b) || (b | 0x20) is >= (byte)'a' and <= (byte)'f';

    private static bool IsLetter(byte b) => (b | 0x20) is >= (byte)'a' and <= (byte)'z';
}
