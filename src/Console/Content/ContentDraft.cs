using System.Globalization;
using Handrail.Telemetry;

namespace Handrail.Content;

/// <summary>The settings as they stand in the form: texts, until they are found to be numbers.</summary>
public sealed class ContentDraft
{
    public bool Cards { get; set; }

    public bool Emails { get; set; }

    public bool Keys { get; set; }

    /// <summary>One pattern a line.</summary>
    public string Patterns { get; set; } = "";

    /// <summary>Empty for ever.</summary>
    public string ContentDays { get; set; } = "";

    public string StepDays { get; set; } = "";

    /// <summary>A text to try the rules on.</summary>
    public string Sample { get; set; } = "";

    public static ContentDraft Of(ContentSettings settings) => new()
    {
        Cards = settings.Redaction.Cards,
        Emails = settings.Redaction.Emails,
        Keys = settings.Redaction.Keys,
        Patterns = string.Join('\n', settings.Redaction.Patterns),
        ContentDays = Text(settings.ContentDays),
        StepDays = Text(settings.StepDays),
    };

    /// <summary>The sample without what the rules of the form name; null when a pattern is none.</summary>
    public string? Tried()
    {
        try
        {
            return new Redaction(Rules()).Redact(Sample);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <exception cref="Refusal">A number of days is none.</exception>
    public ContentSettings Settings() => new() { Redaction = Rules(), ContentDays = Days("content_days", ContentDays), StepDays = Days("step_days", StepDays) };

    private RedactionRules Rules() =>
        new(Cards, Emails, Keys, [.. Patterns.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)]);

    private static int? Days(string name, string text) => string.IsNullOrWhiteSpace(text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? days
        : throw Refusal.Invalid(name, $"must be from 1 to {ContentSettings.MostDays} days, or nothing to keep it for ever.");

    private static string Text(int? days) => days?.ToString(CultureInfo.InvariantCulture) ?? "";
}
