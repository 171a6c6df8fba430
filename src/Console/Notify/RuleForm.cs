using System.Globalization;

namespace Handrail.Notify;

/// <summary>The fields of a rule as a person edits them.</summary>
public sealed class RuleForm
{
    /// <summary>The rule that is changed; null for a new one.</summary>
    public RuleReading? Known { get; private init; }

    public string Name { get; set; } = "";

    public string ChannelId { get; set; } = "";

    public bool Enabled { get; set; } = true;

    public HashSet<NoticeKind> Kinds { get; } = [];

    /// <summary>One name a line.</summary>
    public string Agents { get; set; } = "";

    public HashSet<string> Roles { get; } = new(StringComparer.Ordinal);

    public string MinAmount { get; set; } = "";

    public string Currency { get; set; } = "";

    public string AfterMinutes { get; set; } = "";

    public bool Quiet { get; set; }

    public string TimeZone { get; set; } = "UTC";

    public string QuietFrom { get; set; } = "22:00";

    public string QuietTo { get; set; } = "07:00";

    public HashSet<DayOfWeek> Days { get; } = [];

    public bool Drop { get; set; }

    /// <summary>What is wrong, by member.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; set; } = new Dictionary<string, string[]>();

    public static RuleForm Of(RuleReading rule)
    {
        var terms = rule.Terms;
        var form = new RuleForm
        {
            Known = rule,
            Name = rule.Name,
            ChannelId = rule.ChannelId,
            Enabled = rule.Enabled,
            Agents = string.Join('\n', terms.Agents),
            MinAmount = terms.MinAmount?.ToString(CultureInfo.InvariantCulture) ?? "",
            Currency = terms.Currency ?? "",
            AfterMinutes = terms.AfterMinutes == 0 ? "" : terms.AfterMinutes.ToString(CultureInfo.InvariantCulture),
        };
        form.Kinds.UnionWith(terms.Kinds);
        form.Roles.UnionWith(terms.Roles);
        if (terms.Quiet is { } quiet)
        {
            (form.Quiet, form.TimeZone, form.Drop) = (true, quiet.TimeZone, quiet.Drop);
            (form.QuietFrom, form.QuietTo) = (Time(quiet.From), Time(quiet.To));
            form.Days.UnionWith(quiet.Days);
        }

        return form;
    }

    /// <exception cref="Refusal">A number or a time of day is none.</exception>
    public RuleDraft Draft() => new(
        Name.Trim(),
        ChannelId,
        Enabled,
        new RuleTerms
        {
            Kinds = [.. Kinds.Order()],
            Agents = [.. Agents.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
            Roles = [.. Roles.Order(StringComparer.Ordinal)],
            MinAmount = Amount(),
            Currency = ChannelForm.Given(Currency)?.ToUpperInvariant(),
            AfterMinutes = ChannelForm.Number("after_minutes", AfterMinutes) ?? 0,
            Quiet = Quiet ? new QuietHours { TimeZone = TimeZone.Trim(), From = Time("quiet.from", QuietFrom), To = Time("quiet.to", QuietTo), Days = [.. Days.Order()], Drop = Drop } : null,
        });

    public static string Time(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);

    private decimal? Amount() => ChannelForm.Given(MinAmount) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount
        : throw Refusal.Invalid("min_amount", "must be a number, such as 1000 or 99.50.");

    private static TimeOnly Time(string member, string text) =>
        TimeOnly.TryParseExact(text.Trim(), ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time
        : throw Refusal.Invalid(member, "must be a time of day, such as 22:00.");
}
