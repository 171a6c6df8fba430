namespace Handrail.Telemetry;

/// <summary>Who sends: what its resource says of it.</summary>
/// <param name="Sdk"><c>telemetry.sdk.name</c>, with the language where it is given.</param>
/// <param name="SdkVersion"><c>telemetry.sdk.version</c>.</param>
public readonly record struct SenderName(string? Service, string? Sdk, string? SdkVersion);

/// <summary>
/// How a sender's records were read: which dialect, what from which attribute, and what was not understood. Looked at on every record of a
/// small request and on every sixteenth of a large one.
/// </summary>
public sealed class SenderCoverage
{
    /// <summary>Different names kept of each kind: they are the sender's to choose.</summary>
    public const int MostNames = 200;

    /// <summary>Records that became steps.</summary>
    public long Records { get; set; }

    /// <summary>Records that say nothing of an agent.</summary>
    public long LeftOut { get; set; }

    /// <summary>Records that were looked at closely: what the other figures count.</summary>
    public long Sampled { get; set; }

    /// <summary>Model calls among them, and those without token counts.</summary>
    public long Calls { get; set; }

    public long CallsWithoutUsage { get; set; }

    /// <summary>Records by the dialect that recognised them; <c>none</c> for those that none did.</summary>
    public Dictionary<string, long> Dialects { get; init; } = [];

    /// <summary>For each field of a step, which attributes gave it, and on how many records.</summary>
    public Dictionary<string, Dictionary<string, long>> Found { get; init; } = [];

    /// <summary>Attributes that no dialect knows, and on how many records they stood; they are kept with the step.</summary>
    public Dictionary<string, long> Unknown { get; init; } = [];

    /// <summary>Adds what another look found.</summary>
    public void Add(SenderCoverage other)
    {
        Records += other.Records;
        LeftOut += other.LeftOut;
        Sampled += other.Sampled;
        Calls += other.Calls;
        CallsWithoutUsage += other.CallsWithoutUsage;
        Add(Dialects, other.Dialects);
        Add(Unknown, other.Unknown);
        foreach (var (field, sources) in other.Found)
        {
            if (!Found.TryGetValue(field, out Dictionary<string, long>? mine))
                Found[field] = mine = [];
            Add(mine, sources);
        }
    }

    internal void Note(string field, string source)
    {
        if (!Found.TryGetValue(field, out Dictionary<string, long>? sources))
            Found[field] = sources = [];
        Count(sources, source, 1);
    }

    internal static void Count(Dictionary<string, long> counts, string name, long by)
    {
        if (counts.TryGetValue(name, out long count))
            counts[name] = count + by;
        else if (counts.Count < MostNames)
            counts[name] = by;
    }

    private static void Add(Dictionary<string, long> to, Dictionary<string, long> from)
    {
        foreach ((string name, long count) in from)
            Count(to, name, count);
    }
}
