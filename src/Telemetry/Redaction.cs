using System.Buffers;
using System.Text;

namespace Handrail.Telemetry;

/// <summary>What is taken out of content before it is stored.</summary>
/// <param name="Cards">Payment card numbers: 13 to 19 digits of a known issuer's range with a valid check digit (ISO/IEC 7812).</param>
/// <param name="Emails">E-mail addresses.</param>
/// <param name="Keys">API keys and tokens by their makers' prefixes, and private keys in PEM.</param>
/// <param name="Patterns">Fixed texts and globs, whatever their case; see <see cref="RedactionPattern"/>.</param>
public sealed record RedactionRules(bool Cards, bool Emails, bool Keys, IReadOnlyList<string> Patterns)
{
    /// <summary>What holds until an administrator says otherwise.</summary>
    public static RedactionRules Default { get; } = new(true, false, true, []);
}

/// <summary>
/// Replaces what the rules name by a mark that says what was there. It works on UTF-8, JSON or not: what it takes out never reaches
/// into an escape or a quote, and its marks need none, so JSON stays JSON.
/// </summary>
public sealed class Redaction
{
    private const byte AtSign = 1;
    private const byte Digit = 2;
    private const byte Start = 4;

    private readonly byte[] _kinds = new byte[256];

    /// <summary>Pairs of bytes that something may begin with: single letters are everywhere, and the look is for every span.</summary>
    private readonly BytePairs _pairs = new();

    private readonly RedactionPattern[][] _byFirst = new RedactionPattern[256][];
    private readonly bool _keys;

    /// <exception cref="FormatException">A pattern is none; the message names it.</exception>
    public Redaction(RedactionRules rules)
    {
        if (rules.Emails)
        {
            Flag("@"u8, AtSign);
            _pairs.AddAll((byte)'@');
        }

        if (rules.Cards)
        {
            Flag("23456"u8, Digit);
            foreach (byte first in "23456"u8)
            {
                foreach (byte second in "0123456789 -"u8)
                    _pairs.Add(first, second);
            }
        }

        _keys = rules.Keys;
        if (rules.Keys)
        {
            foreach ((byte first, byte second) in SecretShapes.Beginnings)
            {
                _kinds[first] |= Start;
                _pairs.Add(first, second);
            }
        }

        foreach (IGrouping<byte, RedactionPattern> group in rules.Patterns.Select(RedactionPattern.Parse).SelectMany(p => p.FirstBytes.Select(b => (First: b, Pattern: p))).GroupBy(p => p.First, p => p.Pattern))
        {
            _kinds[group.Key] |= Start;
            _pairs.AddAll(group.Key);
            _byFirst[group.Key] = [.. group];
        }
    }

    private void Flag(ReadOnlySpan<byte> bytes, byte kind)
    {
        foreach (byte one in bytes)
            _kinds[one] |= kind;
    }

    /// <summary>Writes the text without what the rules name.</summary>
    /// <returns>False when there was nothing to take out; nothing is written then.</returns>
    public bool TryRedact(ReadOnlySpan<byte> text, IBufferWriter<byte> to)
    {
        int kept = 0;
        int at = 0;
        while ((at = _pairs.Next(text, at)) >= 0)
        {
            Find find = Look(text, at, kept);
            if (find.Mark.IsEmpty)
            {
                at = Math.Max(find.End, at + 1);
                continue;
            }

            to.Write(text[kept..find.Start]);
            to.Write(find.Mark);
            kept = at = find.End;
        }

        if (kept == 0)
            return false;
        to.Write(text[kept..]);
        return true;
    }

    public string? Redact(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return text;
        var redacted = new ArrayBufferWriter<byte>();
        return TryRedact(Encoding.UTF8.GetBytes(text), redacted) ? Encoding.UTF8.GetString(redacted.WrittenSpan) : text;
    }

    private Find Look(ReadOnlySpan<byte> text, int at, int kept)
    {
        byte kind = _kinds[text[at]];
        if ((kind & Start) != 0)
        {
            if (_byFirst[text[at]] is { } patterns)
            {
                foreach (RedactionPattern pattern in patterns)
                {
                    if (pattern.Match(text, at) is > 0 and int length && SecretShapes.BehindEscape(text, at) == at)
                        return new Find(at, at + length, "[removed]"u8);
                }
            }

            if (_keys && SecretShapes.Key(text, at) is > 0 and int key)
                return new Find(at, at + key, "[key removed]"u8);
        }

        if ((kind & AtSign) != 0 && SecretShapes.Email(text, at) is { Start: var start, End: var end } && start >= kept && end > 0)
            return new Find(start, end, "[e-mail address removed]"u8);
        if ((kind & Digit) == 0)
            return default;
        (int card, int after) = SecretShapes.Card(text, at);
        return card > 0 ? new Find(at, at + card, "[card number removed]"u8) : new Find(at, after, default);
    }

    private readonly ref struct Find(int start, int end, ReadOnlySpan<byte> mark)
    {
        public int Start { get; } = start;

        /// <summary>Behind it; without a mark, where to look on.</summary>
        public int End { get; } = end;

        public ReadOnlySpan<byte> Mark { get; } = mark;
    }
}
