using Handrail.Store;

namespace Handrail.Costs;

/// <summary>The Costs page's view as its address carries it, so that what one sees can be sent to a colleague and fetched as a file.</summary>
public sealed record CostAddress(string? Range, string? From, string? To, string? By, string? Agent, string? Model, string? Tool, string? User, string? Session = null)
{
    public const string Page = "/costs";

    public const string File = "/api/v1/export/costs.csv";

    /// <summary>Words that mean nothing narrow nothing.</summary>
    public CostQuestion Question => new(
        Range, From, To, new SpendFilter { Agent = Some(Agent), Model = Some(Model), Tool = Some(Tool), User = Some(User), Session = Some(Session) }, EnumText<SpendBy>.TryParse(By, out var by) ? by : SpendBy.Agent);

    /// <summary>Days of one's own instead of a range with a name.</summary>
    public bool IsOwnRange => Some(From) is not null || Some(To) is not null;

    /// <summary>The same view narrowed to one line of a breakdown.</summary>
    public CostAddress Narrowed(SpendBy by, string? to) => by switch
    {
        SpendBy.Agent => this with { Agent = to },
        SpendBy.Model => this with { Model = to },
        SpendBy.Tool => this with { Tool = to },
        _ => this with { User = to },
    };

    /// <summary>The same view of these days.</summary>
    public CostAddress Within(DateOnly first, DateOnly last) =>
        this with { Range = null, From = first.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), To = last.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) };

    /// <summary>The path and query of this view on the page or as a file.</summary>
    public string At(string path)
    {
        var query = string.Join('&', new[] { ("range", Range), ("from", From), ("to", To), ("by", By), ("agent", Agent), ("model", Model), ("tool", Tool), ("user", User), ("session", Session) }
            .Where(p => !string.IsNullOrEmpty(p.Item2)).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
