namespace Handrail.Policy;

/// <summary>An action type or all types below a prefix, ready to match.</summary>
internal readonly struct TypePattern
{
    private readonly string _text;
    private readonly bool _isPrefix;

    public TypePattern(string pattern)
    {
        var comparable = ComparableText.Of(pattern);
        _isPrefix = comparable.EndsWith(".*", StringComparison.Ordinal);
        _text = _isPrefix ? comparable[..^1] : comparable;
    }

    /// <summary>Greater for what covers less: an exact type above every prefix, a longer prefix above a shorter.</summary>
    public int Specificity => _isPrefix ? _text.Length : int.MaxValue;

    public bool Matches(string type) => _isPrefix ? type.StartsWith(_text, StringComparison.Ordinal) : type == _text;
}
