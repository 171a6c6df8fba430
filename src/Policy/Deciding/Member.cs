using System.Text.Json;

namespace Handrail.Policy;

/// <summary>What a field of an action turned out to hold, in comparable form. The default value is a member that is missing.</summary>
internal readonly struct Member
{
    public MemberKind Kind { get; private init; }

    public string? Text { get; private init; }

    public decimal Number { get; private init; }

    public IReadOnlyList<Member>? Items { get; private init; }

    public bool IsMissing => Kind == MemberKind.Missing;

    /// <param name="comparable">A text in its <see cref="ComparableText"/> form; null is missing.</param>
    public static Member OfText(string? comparable) => comparable is null ? default : new() { Kind = MemberKind.Text, Text = comparable };

    public static Member OfNumber(decimal? number) => number is { } given ? new() { Kind = MemberKind.Number, Number = given } : default;

    public static Member OfFlag(bool flag) => new() { Kind = MemberKind.Flag, Number = flag ? 1 : 0 };

    public static Member OfList(IReadOnlyList<Member> items) => new() { Kind = MemberKind.List, Items = items };

    public static Member Of(Scalar scalar) => scalar switch
    {
        { Text: { } text } => OfText(ComparableText.Of(text)),
        { Number: { } number } => OfNumber(number),
        _ => OfFlag(scalar.Flag == true),
    };

    public static Member Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => default,
        JsonValueKind.String when WellFormed.TryText(json) is { } text => OfText(ComparableText.Of(text)),
        JsonValueKind.Number when json.TryGetDecimal(out var number) => OfNumber(number),
        JsonValueKind.True or JsonValueKind.False => OfFlag(json.GetBoolean()),
        JsonValueKind.Array => OfList([.. json.EnumerateArray().Select(Of)]),
        _ => new() { Kind = MemberKind.Other },
    };

    /// <summary>Unknown between different kinds and for what isn't a single value.</summary>
    public Truth EqualTo(Member other) => Kind != other.Kind ? Truth.Unknown : Kind switch
    {
        MemberKind.Text => Text == other.Text ? Truth.True : Truth.False,
        MemberKind.Number or MemberKind.Flag => Number == other.Number ? Truth.True : Truth.False,
        _ => Truth.Unknown,
    };
}

internal enum MemberKind
{
    Missing,
    Text,
    Number,
    Flag,
    List,

    /// <summary>An object, or something that can't be compared at all.</summary>
    Other,
}
