using System.Text.Json;

namespace Handrail.Handoffs;

/// <summary>A source that an agent names.</summary>
/// <param name="Address">Given only where it leads to a web page: <c>http</c> or <c>https</c>.</param>
public sealed record Citation(string? Title, string? Text, Uri? Address, string? Quote)
{
    public static IReadOnlyList<Citation> From(JsonElement? citations) => citations is not { ValueKind: JsonValueKind.Array } list
        ? []
        : [.. list.EnumerateArray().Select(Of)];

    private static Citation Of(JsonElement citation)
    {
        if (citation.ValueKind != JsonValueKind.Object)
        {
            return new Citation(null, null, null, FormField.TextOf(citation));
        }

        var url = Member(citation, "url");
        var address = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
        return new Citation(Member(citation, "title"), url, address, Member(citation, "quote"));
    }

    private static string? Member(JsonElement citation, string name) =>
        citation.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
