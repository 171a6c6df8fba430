using System.Text.Json;

namespace Handrail.Policy;

/// <summary>What a field of an action turned out to hold, in comparable form. The default value is a member that is missing.</summary>
internal readonly ref struct Member
{
    private Member(MemberKind kind) => Kind = kind;

    public MemberKind Kind { get; }

    public ReadOnlySpan<char> Text { get; private init; }

    /// <summary>The number; of a truth value 1 or 0.</summary>
    public decimal Number { get; private init; }

    /// <summary>The list.</summary>
    public JsonElement Items { get; private init; }

    public bool IsMissing => Kind == MemberKind.Missing;

    public static Member OfText(ReadOnlySpan<char> comparable) => new(MemberKind.Text) { Text = comparable };

    /// <summary>A text in its comparable form, which is missing where the agent gave none.</summary>
    public static Member OfText(string? given, ReadOnlySpan<char> comparable) => given is null ? default : OfText(comparable);

    public static Member OfNumber(decimal? number) => number is { } given ? new(MemberKind.Number) { Number = given } : default;

    public static Member OfFlag(bool flag) => new(MemberKind.Flag) { Number = flag ? 1 : 0 };

    /// <summary>A value of JSON; its text may be written into room that is free again when the member has been looked at.</summary>
    public static Member Of(JsonElement json, Scratch scratch)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null: return default;
            case JsonValueKind.String: return scratch.TryComparable(json, out var text) ? OfText(text) : new(MemberKind.Other);
            case JsonValueKind.Number when json.TryGetDecimal(out var number): return OfNumber(number);
            case JsonValueKind.True or JsonValueKind.False: return OfFlag(json.GetBoolean());
            case JsonValueKind.Array: return new(MemberKind.List) { Items = json };
            default: return new(MemberKind.Other);
        }
    }

    /// <summary>Unknown between different kinds and for what isn't a single value.</summary>
    public Truth EqualTo(in Constant other) => Kind != other.Kind ? Truth.Unknown : Kind switch
    {
        MemberKind.Text => Truths.Known(Text.SequenceEqual(other.Text)),
        MemberKind.Number or MemberKind.Flag => Truths.Known(Number == other.Number),
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
