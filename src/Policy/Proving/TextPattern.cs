namespace Handrail.Policy;

/// <summary>
/// A form of text with gaps, as an automaton whose states are the places in it: the set of places that a text may have come to is a number with one bit for each.
/// </summary>
internal sealed class TextPattern
{
    private const int MostPlaces = 126;

    private readonly Dictionary<char, UInt128> _letters = [];
    private readonly UInt128 _stars;
    private readonly UInt128 _singles;
    private readonly UInt128 _end;

    private TextPattern(string text, bool isForbidden, bool startsAnywhere, bool endsAnywhere, bool hasWildcards)
    {
        IsForbidden = isForbidden;
        Key = $"{(startsAnywhere ? "*" : "")}|{(hasWildcards ? "?" : "")}|{text}|{(endsAnywhere ? "*" : "")}";
        if (text.Length > MostPlaces - 2) throw new BeyondProofException($"a pattern is longer than {MostPlaces - 2} letters");
        var places = 0;
        if (startsAnywhere) _stars |= Bit(places++);
        foreach (var c in text)
        {
            // Several stars in a row say no more than one, and would need places passed over twice.
            if (hasWildcards && c == '*') _stars |= places > 0 && (_stars & Bit(places - 1)) != UInt128.Zero ? UInt128.Zero : Bit(places++);
            else if (hasWildcards && c == '?') _singles |= Bit(places++);
            else _letters[c] = _letters.GetValueOrDefault(c) | Bit(places++);
        }

        if (endsAnywhere) _stars |= Bit(places++);
        _end = Bit(places);
        IsLasting = places > 0 && (_stars & Bit(places - 1)) != UInt128.Zero;
        Start = PassStars(UInt128.One);
        Letters = hasWildcards ? string.Concat(text.Where(c => c is not ('*' or '?'))) : text;
    }

    /// <summary>Any text with this part in it.</summary>
    public static TextPattern Containing(string part, bool isForbidden) => new(part, isForbidden, startsAnywhere: true, endsAnywhere: true, hasWildcards: false);

    /// <summary>Any text with this beginning.</summary>
    public static TextPattern Beginning(string beginning) => new(beginning, isForbidden: false, startsAnywhere: false, endsAnywhere: true, hasWildcards: false);

    /// <summary>Any text of the form of a glob.</summary>
    public static TextPattern Glob(string glob, bool isForbidden) => new(glob, isForbidden, startsAnywhere: false, endsAnywhere: false, hasWildcards: true);

    /// <summary>Whether a glob has no gaps and so stands for one text alone.</summary>
    public static bool IsLiteral(string glob) => glob.AsSpan().IndexOfAny('*', '?') < 0;

    /// <summary>Equal for patterns of the same texts.</summary>
    public string Key { get; }

    /// <summary>Whether only texts without this form are looked for.</summary>
    public bool IsForbidden { get; }

    /// <summary>Whether a text that has the form keeps it whatever follows.</summary>
    public bool IsLasting { get; }

    /// <summary>The letters it names.</summary>
    public string Letters { get; }

    /// <summary>Where every text begins.</summary>
    public UInt128 Start { get; }

    public bool IsMet(UInt128 places) => (places & _end) != UInt128.Zero;

    public UInt128 After(UInt128 places, char c) =>
        PassStars((places & _stars) | ((places & (_singles | _letters.GetValueOrDefault(c))) << 1));

    private UInt128 PassStars(UInt128 places) => places | ((places & _stars) << 1);

    private static UInt128 Bit(int place) => UInt128.One << place;
}
