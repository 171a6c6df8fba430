using System.Globalization;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>Reads facts that a dialect wraps in the text of a JSON value. Text that is no JSON simply says nothing.</summary>
internal static class JsonMembers
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <summary>The first of the members that is a text or a number.</summary>
    public static string? FirstText(string json, string[] members)
    {
        using JsonDocument? document = Parse(json, JsonValueKind.Object);
        if (document is null)
            return null;
        foreach (string member in members)
        {
            if (!TryGet(document, member, out JsonElement value))
                continue;
            string? text = value.ValueKind switch
            {
                JsonValueKind.String => TextOf(value),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
            if (!string.IsNullOrWhiteSpace(text))
                return text;
        }

        return null;
    }

    /// <summary>The first of the members that is a number, or the sum of all of them.</summary>
    public static decimal? Number(string json, string[] members, bool add)
    {
        using JsonDocument? document = Parse(json, JsonValueKind.Object);
        if (document is null)
            return null;
        decimal? sum = null;
        foreach (string member in members)
        {
            if (!TryGet(document, member, out JsonElement value) || NumberOf(value) is not { } number)
                continue;
            if (!add)
                return number;
            sum = (sum ?? 0) + number;
        }

        return sum;
    }

    /// <summary>The texts of a JSON array, comma-separated; null when it is none.</summary>
    public static string? JoinArray(string json)
    {
        using JsonDocument? document = Parse(json, JsonValueKind.Array);
        return document is null
            ? null
            : string.Join(',', document.RootElement.EnumerateArray().Select(TextOf).Where(text => !string.IsNullOrEmpty(text)));
    }

    private static JsonDocument? Parse(string json, JsonValueKind kind)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind == kind)
                return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool TryGet(JsonDocument document, string member, out JsonElement value)
    {
        try
        {
            return document.RootElement.TryGetProperty(member, out value);
        }
        catch (InvalidOperationException)
        {
            // A name with half of a surrogate pair in it stands in the way.
            value = default;
            return false;
        }
    }

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.Null ? null : value.ToString().Replace('\0', '\uFFFD');
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape.
            return null;
        }
    }

    private static decimal? NumberOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number
        && decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
        && Math.Abs(number) < 1_000_000_000_000_000m
            ? number
            : null;
}
