using Handrail.Shell.Display;
using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>A field of a step, where it came from, and on how much of what was looked at.</summary>
/// <param name="Sources">The attributes that gave it, the most frequent first.</param>
/// <param name="Share">Of the records looked at, from 0 to 1; a record may have it from its parent or not need it.</param>
public sealed record FieldLook(string Field, IReadOnlyList<(string Attribute, long Records)> Sources, double Share, IReadOnlyList<string> LookedFor);

/// <summary>What the panel says of a sender.</summary>
public sealed class SenderLook(SenderReading reading)
{
    public SenderReading Reading { get; } = reading;

    public string Name => Reading.Service ?? "(no service.name)";

    public string Sdk => Reading.Sdk is null ? "SDK not named" : $"{Reading.Sdk} {Reading.SdkVersion}".Trim();

    /// <summary>The dialects found, the most frequent first.</summary>
    public IReadOnlyList<(string Dialect, long Records)> Dialects => Ranked(Reading.Coverage.Dialects);

    /// <summary>Attributes that nobody understood, the most frequent first.</summary>
    public IReadOnlyList<(string Attribute, long Records)> Unknown => Ranked(Reading.Coverage.Unknown);

    public IReadOnlyList<FieldLook> Found => [.. CoverageFields.Fields
        .Where(Reading.Coverage.Found.ContainsKey)
        .Select(f => new FieldLook(f, Ranked(Reading.Coverage.Found[f]), Share(Reading.Coverage.Found[f].Values.Sum()), CoverageFields.LookedFor(f)))];

    /// <summary>What a user would miss, said so that it can be put right.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            var coverage = Reading.Coverage;
            var warnings = new List<string>();
            if (coverage.Sampled > 0 && !coverage.Found.ContainsKey(CoverageFields.Session))
            {
                warnings.Add($"No record names a session: each trace is one of its own. Set one of {First(CoverageFields.Session)}.");
            }

            if (coverage.CallsWithoutUsage > 0)
            {
                warnings.Add($"{Figures.Count(coverage.CallsWithoutUsage)} of {Figures.Count(coverage.Calls)} model calls came without token counts, so their tokens and cost are unknown. Streamed calls often need usage switched on in the client.");
            }

            if (coverage.Sampled > 0 && coverage.Dialects.Keys.All(d => d == "none"))
            {
                warnings.Add("No record was recognised as an agent's: nothing says which are model calls and tools. Set gen_ai.operation.name, or use an instrumentation of the list in the documentation.");
            }

            if (coverage.Records == 0 && coverage.LeftOut > 0)
            {
                warnings.Add("Only records came that say nothing of an agent; they were taken and left out.");
            }

            return warnings;
        }
    }

    /// <summary>Fields that no record had.</summary>
    public static IEnumerable<string> Missing(SenderCoverage coverage) => CoverageFields.Fields.Where(f => !coverage.Found.ContainsKey(f));

    private static string First(string field) => string.Join(", ", CoverageFields.LookedFor(field).Take(4));

    private double Share(long records) => Reading.Coverage.Sampled == 0 ? 0 : Math.Min(1, (double)records / Reading.Coverage.Sampled);

    private static List<(string Name, long Records)> Ranked(Dictionary<string, long> counts) =>
        [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => (c.Key, c.Value))];
}
