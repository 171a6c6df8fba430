namespace Handrail.Policy;

/// <summary>What a policy's author wrote for a member to be compared with, in comparable form.</summary>
internal readonly struct Constant
{
    public Constant(Scalar scalar)
    {
        (Kind, Text, Number) = scalar switch
        {
            { Text: { } text } => (MemberKind.Text, ComparableText.Of(text), 0),
            { Number: { } number } => (MemberKind.Number, "", number),
            _ => (MemberKind.Flag, "", scalar.Flag == true ? 1 : 0),
        };
    }

    public MemberKind Kind { get; }

    public string Text { get; }

    /// <summary>The number; of a truth value 1 or 0.</summary>
    public decimal Number { get; }
}
