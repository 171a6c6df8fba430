using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>Room for the comparable forms of one decision's texts, so that usual ones need no memory of their own.</summary>
internal ref struct Scratch(Span<char> room)
{
    private Span<char> _room = room;

    /// <summary>The comparable form of a text: the text itself, a part of the room, or where that is too small a text of its own.</summary>
    public ReadOnlySpan<char> Comparable(string? text)
    {
        if (text is null) return default;
        if (ComparableText.IsSettled(text)) return text;
        if (text.Length > _room.Length || !Ascii.IsValid(text)) return ComparableText.Of(text);

        var length = ComparableText.CollapseAscii(text, _room);
        var comparable = _room[..length];
        _room = _room[length..];
        return comparable;
    }

    /// <summary>The comparable form of a text in JSON; false for one that isn't Unicode.</summary>
    public bool TryComparable(JsonElement json, out ReadOnlySpan<char> comparable)
    {
        var quoted = JsonMarshal.GetRawUtf8Value(json);
        var plain = quoted[1..^1];
        if (plain.Length <= _room.Length && !plain.Contains((byte)'\\') && Ascii.ToUtf16(plain, _room, out var length) == OperationStatus.Done)
        {
            comparable = _room[..ComparableText.CollapseAscii(_room[..length], _room)];
            _room = _room[comparable.Length..];
            return true;
        }

        var text = WellFormed.TryText(json);
        comparable = Comparable(text);
        return text is not null;
    }
}
