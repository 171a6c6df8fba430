using System.Globalization;

namespace Handrail.Policy;

/// <summary>A number with its unit, that a sentence takes in without a text of its own in between.</summary>
internal readonly struct Figure(decimal number, string form, string? unit = null) : ISpanFormattable
{
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        if (!number.TryFormat(destination, out charsWritten, form, CultureInfo.InvariantCulture)) return false;
        if (unit is null) return true;
        if (destination.Length < charsWritten + 1 + unit.Length) return false;
        destination[charsWritten++] = ' ';
        unit.CopyTo(destination[charsWritten..]);
        charsWritten += unit.Length;
        return true;
    }

    public override string ToString() => unit is null ? number.ToString(form, CultureInfo.InvariantCulture) : $"{number.ToString(form, CultureInfo.InvariantCulture)} {unit}";

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();
}
