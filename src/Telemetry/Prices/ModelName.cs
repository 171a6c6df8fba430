using System.Text.RegularExpressions;

namespace Handrail.Telemetry;

/// <summary>
/// The names under which a model may stand in a price table. A name as it is comes first, then without what does not
/// change the model: where it is sold, the region, the date of its build. What might be another model (<c>-mini</c>, a
/// version) is never cut off.
/// </summary>
internal static partial class ModelName
{
    private static readonly string[] Regions = ["us-gov.", "us.", "eu.", "apac.", "global.", "jp.", "au.", "ca.", "sa.", "me.", "af."];

    private static readonly string[] Vendors =
    [
        "anthropic.", "amazon.", "meta.", "mistral.", "openai.", "deepseek.", "google.", "cohere.", "qwen.", "nvidia.", "writer.",
        "moonshotai.", "moonshot.", "minimax.", "zai.",
    ];

    /// <summary>The names to look for, the closest first.</summary>
    public static IEnumerable<string> Forms(string name)
    {
        string form = name.Trim().ToLowerInvariant();
        foreach (string shorter in WithoutSuffixes(form))
            yield return shorter;

        int path = form.LastIndexOf('/');
        if (path >= 0)
        {
            form = form[(path + 1)..];
            foreach (string shorter in WithoutSuffixes(form))
                yield return shorter;
        }

        foreach (string[] prefixes in (string[][])[Regions, Vendors])
        {
            string? prefix = prefixes.FirstOrDefault(p => form.StartsWith(p, StringComparison.Ordinal));
            if (prefix is null)
                continue;
            form = form[prefix.Length..];
            foreach (string shorter in WithoutSuffixes(form))
                yield return shorter;
        }
    }

    private static IEnumerable<string> WithoutSuffixes(string form)
    {
        if (form.StartsWith("ft:", StringComparison.Ordinal) && form.IndexOf(':', 3) is > 0 and int tuned)
            form = form[..tuned];
        while (form.Length > 0)
        {
            yield return form;
            Match suffix = Suffix().Match(form);
            if (!suffix.Success)
                yield break;
            form = form[..suffix.Index];
        }
    }

    /// <summary><c>@20250929</c>, <c>-v1:0</c>, <c>:0</c>, <c>-2026-08-01</c>, <c>-20250929</c>, <c>-05-20</c>, <c>-09-2025</c>, <c>-001</c>, <c>-latest</c>, <c>-preview</c>, <c>-exp</c>.</summary>
    [GeneratedRegex(@"(@[a-z0-9.-]+|-v\d+(:\d+)?|:\d+|-\d{4}-\d{2}-\d{2}|-\d{8}|-\d{2}-\d{2}|-\d{2}-\d{4}|-\d{3}|-latest|-preview|-exp)$", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();
}
