using System.Globalization;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>Reads a price table from its JSON file.</summary>
internal static class PriceFile
{
    private const string Resource = "Handrail.Telemetry.Prices.prices.json";

    public static ReadOnlyMemory<byte> BuiltIn()
    {
        using Stream stream = typeof(PriceFile).Assembly.GetManifestResourceStream(Resource)!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    public static PriceTable Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            return new PriceTable(
                root.GetProperty("source").GetString()!,
                Date(root.GetProperty("date")),
                [.. root.GetProperty("providers").EnumerateArray().Select(Provider)]);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException("This is not a price table.", wrong);
        }
    }

    private static Seller Provider(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        var seller = new Seller(
            [id, .. Texts(json, "also")],
            json.TryGetProperty("maker", out JsonElement maker) && maker.GetBoolean(),
            Texts(json, "fallbacks"));
        foreach (JsonElement model in json.GetProperty("models").EnumerateArray())
        {
            string name = model.GetProperty("id").GetString()!;
            ModelPrice[] prices = [.. model.GetProperty("prices").EnumerateArray().Select(price => Price(id, name, price))];
            seller.Add([name, .. Texts(model, "also")], prices);
        }

        seller.AddShortNames();
        return seller;
    }

    private static ModelPrice Price(string provider, string model, JsonElement json)
    {
        bool hasLong = json.TryGetProperty("long_context", out JsonElement longContext);
        return new ModelPrice(
            provider,
            model,
            json.TryGetProperty("valid_from", out JsonElement validFrom) ? Date(validFrom) : null,
            json.TryGetProperty("utc_from", out JsonElement from) ? Time(from) : null,
            json.TryGetProperty("utc_until", out JsonElement until) ? Time(until) : null,
            Rates(json),
            hasLong ? longContext.GetProperty("over_input_tokens").GetInt64() : null,
            hasLong ? Rates(longContext) : null);
    }

    private static PriceRates Rates(JsonElement json) => new(
        Rate(json, "input") ?? throw new FormatException("A price has no input rate."),
        Rate(json, "cached_read"), Rate(json, "cache_write"), Rate(json, "output"), Rate(json, "reasoning"));

    private static decimal? Rate(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out JsonElement rate))
            return null;
        decimal value = rate.GetDecimal();
        return value >= 0 ? value : throw new FormatException("A rate is below zero.");
    }

    private static string[] Texts(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray().Select(text => text.GetString()!)] : [];

    private static DateOnly Date(JsonElement text) =>
        DateOnly.ParseExact(text.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static TimeOnly Time(JsonElement text) =>
        TimeOnly.ParseExact(text.GetString()!, "HH:mm", CultureInfo.InvariantCulture);
}
