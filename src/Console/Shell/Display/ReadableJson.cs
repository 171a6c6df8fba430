using System.Text.Json;
using Handrail.Store;

namespace Handrail.Shell.Display;

/// <summary>JSON set out on lines; what is no JSON stays as it came.</summary>
public static class ReadableJson
{
    /// <summary>Beyond this many characters nobody reads, and setting it out would take long.</summary>
    private const int Longest = 2_000_000;

    private static readonly JsonSerializerOptions Options = new(JsonText.Options) { WriteIndented = true };

    public static string? Of(string? text)
    {
        if (text is not { Length: > 0 and < Longest } || text[0] is not ('{' or '['))
        {
            return text;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return Of(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return text;
        }
    }

    public static string? Of(JsonElement? value)
    {
        try
        {
            return value is { } element ? JsonSerializer.Serialize(element, Options) : null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A string in it is no valid Unicode: then it is shown as it came.
            return value?.GetRawText();
        }
    }
}
