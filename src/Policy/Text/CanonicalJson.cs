using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>
/// RFC 8785 canonical JSON: one spelling for equal values, so that they can be compared and hashed. Numbers are IEEE 754 doubles, as the RFC
/// demands; what no such double can hold, a member given twice and text that isn't Unicode have no canonical form.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The canonical form.</summary>
    /// <exception cref="FormatException">The value has none.</exception>
    public static string Serialize(JsonElement value)
    {
        var result = new StringBuilder();
        Write(result, value);
        return result.ToString();
    }

    /// <summary>The canonical form, or false for a value that has none.</summary>
    public static bool TrySerialize(JsonElement value, out string json)
    {
        try
        {
            json = Serialize(value);
            return true;
        }
        catch (FormatException)
        {
            json = "";
            return false;
        }
    }

    /// <summary>SHA-256 over the UTF-8 of the canonical form, in lower-case hexadecimal.</summary>
    /// <exception cref="FormatException">The value has none.</exception>
    public static string Sha256(JsonElement value) => Sha256Of(Serialize(value));

    /// <summary>The same, or null for a value that has no canonical form.</summary>
    public static string? TrySha256(JsonElement value) => TrySerialize(value, out var json) ? Sha256Of(json) : null;

    private static string Sha256Of(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    private static void Write(StringBuilder result, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object: WriteObject(result, value); break;
            case JsonValueKind.Array: WriteArray(result, value); break;
            case JsonValueKind.String: WriteText(result, WellFormed.TryText(value) ?? throw new FormatException("The text is not well-formed Unicode.")); break;
            case JsonValueKind.Number: WriteNumber(result, value); break;
            case JsonValueKind.True: result.Append("true"); break;
            case JsonValueKind.False: result.Append("false"); break;
            case JsonValueKind.Null: result.Append("null"); break;
            default: throw new FormatException("There is no value.");
        }
    }

    private static void WriteObject(StringBuilder result, JsonElement value)
    {
        // The RFC sorts by UTF-16 code units, which is what an ordinal comparison does.
        var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var name = WellFormed.TryName(member) ?? throw new FormatException("A member's name is not well-formed Unicode.");
            if (!members.TryAdd(name, member.Value)) throw new FormatException($"The member {name} is given twice.");
        }

        result.Append('{');
        foreach (var (name, item) in members)
        {
            if (result[^1] != '{') result.Append(',');
            WriteText(result, name);
            result.Append(':');
            Write(result, item);
        }

        result.Append('}');
    }

    private static void WriteArray(StringBuilder result, JsonElement value)
    {
        result.Append('[');
        var first = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!first) result.Append(',');
            first = false;
            Write(result, item);
        }

        result.Append(']');
    }

    private static void WriteText(StringBuilder result, string text)
    {
        result.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => result.Append("\\\""),
                '\\' => result.Append("\\\\"),
                '\b' => result.Append("\\b"),
                '\t' => result.Append("\\t"),
                '\n' => result.Append("\\n"),
                '\f' => result.Append("\\f"),
                '\r' => result.Append("\\r"),
                < ' ' => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => result.Append(c),
            };
        }

        result.Append('"');
    }

    /// <summary>As ECMAScript's Number::toString: the shortest digits that read back as the same double, with an exponent only when very large or small.</summary>
    private static void WriteNumber(StringBuilder result, JsonElement value)
    {
        if (!value.TryGetDouble(out var number) || !double.IsFinite(number)) throw new FormatException("The number is too large.");
        if (number < 0) result.Append('-');
        if (number == 0)
        {
            result.Append('0');
            return;
        }

        // "E16" would round; "R" is the shortest, but with .NET's own idea of when to use an exponent. Take its digits and place the point anew.
        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = exponentAt < 0 ? shortest : shortest[..exponentAt];
        var exponent = exponentAt < 0 ? 0 : int.Parse(shortest.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        var allDigits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leadingZeros = allDigits.Length - allDigits.TrimStart('0').Length;
        var digits = allDigits.Trim('0');
        var point = (pointAt < 0 ? mantissa.Length : pointAt) + exponent - leadingZeros;

        if (point is > 21 or <= -6)
        {
            result.Append(digits[0]);
            if (digits.Length > 1) result.Append('.').Append(digits.AsSpan(1));
            result.Append('e').Append(point > 0 ? "+" : "").Append(CultureInfo.InvariantCulture, $"{point - 1}");
        }
        else if (point <= 0)
        {
            result.Append("0.").Append('0', -point).Append(digits);
        }
        else if (point >= digits.Length)
        {
            result.Append(digits).Append('0', point - digits.Length);
        }
        else
        {
            result.Append(digits.AsSpan(0, point)).Append('.').Append(digits.AsSpan(point));
        }
    }
}
