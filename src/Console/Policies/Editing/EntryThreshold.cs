using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Policy;
using Handrail.Sessions;

namespace Handrail.Policies.Editing;

/// <summary>Which figures of the past an entry's threshold is about.</summary>
public static class EntryThreshold
{
    /// <param name="scope">The layer that the entry is in.</param>
    /// <returns>Null while the entry does not say yet.</returns>
    public static ThresholdSubject? Of(string scope, string list, JsonObject entry)
    {
        var agent = scope == Scopes.Fleet ? null : scope[Scopes.Agent("").Length..];
        switch (list)
        {
            case "limits":
                var currency = DraftDocument.Text(entry, "currency").Trim().ToUpperInvariant();
                return currency.Length == 3 && !(entry["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String && type.GetValue<string>().Length == 0)
                    ? new LimitSubject(TextOf(entry, "type"), TextOf(entry, "category"), TextOf(entry, "vendor"), currency) { Agent = agent }
                    : null;
            case "breakers":
                return Words.TryParse<BreakerScope>(DraftDocument.Text(entry, "scope"), out var over) && Words.TryParse<BreakerMetric>(DraftDocument.Text(entry, "metric"), out var metric)
                    ? new BreakerSubject(over, metric, over == BreakerScope.Session ? null : Window(DraftDocument.Text(entry, "window")), TextOf(entry, "currency")) { Agent = agent }
                    : null;
            default:
                return null;
        }
    }

    /// <summary>The number that stands in a field; null for none.</summary>
    public static decimal? Number(JsonObject entry, string name) =>
        decimal.TryParse(DraftDocument.Text(entry, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? TextOf(JsonObject entry, string name) => DraftDocument.Text(entry, name) is { Length: > 0 } text ? text : null;

    private static TimeSpan? Window(string text) =>
        text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and < 100_000
            ? text[^1] switch { 'm' => TimeSpan.FromMinutes(count), 'h' => TimeSpan.FromHours(count), 'd' => TimeSpan.FromDays(count), _ => null }
            : null;
}
