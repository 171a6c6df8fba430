namespace Handrail.Policy;

/// <summary>An action type or all types below a prefix, ready to match.</summary>
internal readonly struct TypePattern
{
    public TypePattern(string pattern)
    {
        var comparable = ComparableText.Of(pattern);
        IsPrefix = comparable.EndsWith(".*", StringComparison.Ordinal);
        Text = IsPrefix ? comparable[..^1] : comparable;
    }

    /// <summary>Whether it covers all types below; then <see cref="Text"/> ends in the dot.</summary>
    public bool IsPrefix { get; }

    public string Text { get; }

    /// <summary>Greater for what covers less: an exact type above every prefix, a longer prefix above a shorter.</summary>
    public int Specificity => IsPrefix ? Text.Length : int.MaxValue;

    public bool Matches(ReadOnlySpan<char> type) => IsPrefix ? type.StartsWith(Text) : type.SequenceEqual(Text);

    /// <summary>Whether it covers all that another one covers.</summary>
    public bool Includes(TypePattern other) => IsPrefix ? other.Text.StartsWith(Text, StringComparison.Ordinal) : !other.IsPrefix && other.Text == Text;
}
