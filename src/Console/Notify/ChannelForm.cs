using System.Globalization;

namespace Handrail.Notify;

/// <summary>The fields of a channel as a person edits them.</summary>
public sealed class ChannelForm
{
    /// <summary>The channel that is changed; null for a new one.</summary>
    public ChannelReading? Known { get; private init; }

    public string Name { get; set; } = "";

    public ChannelKind Kind { get; set; }

    public bool Enabled { get; set; } = true;

    public ChannelDetail Detail { get; set; } = ChannelDetail.Fields;

    public string Url { get; set; } = "";

    /// <summary>Empty to keep what is there.</summary>
    public string Secret { get; set; } = "";

    public string Host { get; set; } = "";

    public string Port { get; set; } = "587";

    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    public string UserName { get; set; } = "";

    public string From { get; set; } = "";

    /// <summary>One address a line.</summary>
    public string To { get; set; } = "";

    public HashSet<string> ToRoles { get; } = new(StringComparer.Ordinal);

    /// <summary>What is wrong, by member.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; set; } = new Dictionary<string, string[]>();

    public static ChannelForm Of(ChannelReading channel)
    {
        var address = channel.Address;
        var form = new ChannelForm
        {
            Known = channel,
            Name = channel.Name,
            Kind = channel.Kind,
            Enabled = channel.Enabled,
            Detail = channel.Detail,
            Url = address.Url ?? "",
            Host = address.Host ?? "",
            Port = (address.Port ?? 587).ToString(CultureInfo.InvariantCulture),
            Security = address.Security ?? MailSecurity.StartTls,
            UserName = address.UserName ?? "",
            From = address.From ?? "",
            To = string.Join('\n', address.To),
        };
        form.ToRoles.UnionWith(address.ToRoles);
        return form;
    }

    /// <exception cref="Refusal">The port is no number.</exception>
    public ChannelDraft Draft()
    {
        var mail = Kind == ChannelKind.Email;
        return new ChannelDraft
        {
            Name = Name.Trim(),
            Kind = Kind,
            Enabled = Enabled,
            Detail = Detail,
            Url = Kind is ChannelKind.Webhook or ChannelKind.PagerDuty ? Given(Url) : null,
            Secret = Given(Secret),
            Host = mail || Kind == ChannelKind.Slack ? Given(Host) : null,
            Port = mail ? Number("port", Port) : null,
            Security = mail ? Security : null,
            UserName = mail ? Given(UserName) : null,
            From = mail ? Given(From) : null,
            To = mail ? [.. To.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)] : [],
            ToRoles = mail ? [.. ToRoles.Order(StringComparer.Ordinal)] : [],
        };
    }

    internal static string? Given(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    internal static int? Number(string member, string text) => Given(text) is not { } given ? null
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Refusal.Invalid(member, "must be a whole number.");
}
