using Handrail.Telemetry;

namespace Handrail.Content;

/// <summary>What is kept of what agents say and do, and for how long.</summary>
public sealed record ContentSettings
{
    /// <summary>A hundred years: longer is for ever, and has a word of its own.</summary>
    public const int MostDays = 36_500;

    /// <summary>What holds until an administrator says otherwise.</summary>
    public static ContentSettings Default { get; } = new();

    /// <summary>What is taken out before anything is stored.</summary>
    public RedactionRules Redaction { get; init; } = RedactionRules.Default;

    /// <summary>Days that messages, arguments, results and raw attributes are kept after their step came in; null for ever.</summary>
    public int? ContentDays { get; init; } = 30;

    /// <summary>Days that steps are kept after they came in; null for ever. Sessions with their totals, decisions and hourly figures stay.</summary>
    public int? StepDays { get; init; } = 90;
}

/// <summary>The settings with the version that a change must name.</summary>
public sealed record ContentReading(ContentSettings Settings, int Version, DateTimeOffset? ChangedAt, string? ChangedBy);
