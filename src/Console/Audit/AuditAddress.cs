using System.Globalization;

namespace Handrail.Audit;

/// <summary>The Audit page's view as its address carries it, so that what one sees can be sent to a colleague and fetched as a file.</summary>
/// <param name="Since">A moment with its offset, as is <paramref name="Until"/>.</param>
public sealed record AuditAddress(string? Actor, string? Act, string? Target, string? Since, string? Until, string? User = null, string? Agent = null, string? Session = null)
{
    public const string Page = "/audit";

    public const string File = "/api/v1/audit/export";

    /// <summary>Moments that are none narrow nothing.</summary>
    public AuditFilter Filter => new(Some(Actor), Some(Act), Some(Target), Moment(Since), Moment(Until)) { User = Some(User), Agent = Some(Agent), Session = Some(Session) };

    public bool IsNarrowed => Query().Any();

    public string OnPage(string? before = null) => At(Page, ("before", before));

    public string AsFile(string format) => At(File, ("format", format));

    /// <summary>The same view from this moment on; null for the first record.</summary>
    public AuditAddress From(DateTimeOffset? moment) => this with { Since = Text(moment) };

    /// <summary>The same view up to this moment; null for the last record.</summary>
    public AuditAddress To(DateTimeOffset? moment) => this with { Until = Text(moment) };

    private string At(string path, (string, string?) last)
    {
        var query = string.Join('&', Query().Append(last).Where(p => !string.IsNullOrEmpty(p.Item2)).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    private IEnumerable<(string, string?)> Query() =>
        new[] { ("actor", Actor), ("act", Act), ("target", Target), ("user", User), ("agent", Agent), ("session", Session), ("since", Since), ("until", Until) }.Where(p => !string.IsNullOrEmpty(p.Item2));

    private static string? Text(DateTimeOffset? moment) => moment?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
