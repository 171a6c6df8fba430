using Handrail.Shell.Display;
using MudBlazor;

namespace Handrail.Notify;

/// <summary>Channels, rules, deliveries and alerts in words and signs.</summary>
public static class NotifyWords
{
    public static string Name(ChannelKind kind) => kind switch
    {
        ChannelKind.Webhook => "Webhook",
        ChannelKind.Slack => "Slack",
        ChannelKind.Email => "E-mail",
        _ => "PagerDuty",
    };

    public static string Icon(ChannelKind? kind) => kind switch
    {
        ChannelKind.Webhook => Icons.Material.Outlined.Webhook,
        ChannelKind.Slack => Icons.Material.Outlined.Tag,
        ChannelKind.Email => Icons.Material.Outlined.Email,
        ChannelKind.PagerDuty => Icons.Material.Outlined.NotificationsActive,
        _ => Icons.Material.Outlined.HelpOutline,
    };

    /// <summary>Where a channel leads, without anything secret.</summary>
    public static string Where(ChannelReading channel) => channel.Kind switch
    {
        ChannelKind.Webhook => channel.Address.Url!,
        ChannelKind.Slack => $"{channel.Address.Host}/…",
        ChannelKind.PagerDuty => channel.Address.Url ?? "events.pagerduty.com",
        _ => $"{string.Join(", ", channel.Address.To.Concat(channel.Address.ToRoles.Select(r => $"everybody who is {r}")))} by {channel.Address.Host}:{channel.Address.Port}",
    };

    /// <summary>A rule as a sentence.</summary>
    public static string Sentence(RuleReading rule)
    {
        var terms = rule.Terms;
        var what = terms.Kinds.Count == 0 ? "Whatever wants a person" : string.Join("; ", terms.Kinds.Select(Wording.Bare));
        var who = terms.Agents.Count == 0 ? "" : $", of {string.Join(" or ", terms.Agents)}";
        var least = terms.MinAmount is { } amount ? $", from {Figures.Money(amount, terms.Currency)}" : "";
        var role = terms.Roles.Count == 0 ? "" : $", put before {string.Join(" or ", terms.Roles)}";
        var after = terms.AfterMinutes == 0 ? "" : $", when nobody has acknowledged it after {terms.AfterMinutes} min";
        var quiet = terms.Quiet is { } q
            ? $". {(q.Days.Count == 0 ? "" : string.Join(", ", q.Days.Select(d => d.ToString()[..3])) + " ")}{RuleForm.Time(q.From)}–{RuleForm.Time(q.To)} {q.TimeZone} {(q.Drop ? "nothing is sent" : "it waits until then")}"
            : "";
        return $"{what}{who}{least}{role}{after}{quiet}.";
    }

    public static (string Text, Tone Tone, string Icon) Status(DeliveryReading delivery) => delivery.Status switch
    {
        DeliveryStatus.Delivered => ("Delivered", Tone.Good, Icons.Material.Outlined.Check),
        DeliveryStatus.Dead => ("Given up", Tone.Bad, Icons.Material.Outlined.ErrorOutline),
        DeliveryStatus.Skipped => ("Not needed", Tone.Neutral, Icons.Material.Outlined.Remove),
        _ when delivery.Attempts > 0 => ("Trying again", Tone.Warning, Icons.Material.Outlined.Replay),
        _ => ("Waiting", Tone.Info, Icons.Material.Outlined.Schedule),
    };

    public static (string Text, Tone Tone, string Icon) State(AlertState state) => state switch
    {
        AlertState.Open => ("Open", Tone.Bad, Icons.Material.Outlined.NotificationsActive),
        AlertState.Acknowledged => ("Acknowledged", Tone.Warning, Icons.Material.Outlined.Visibility),
        _ => ("Resolved", Tone.Good, Icons.Material.Outlined.Check),
    };

    public static string Event(DeliveryReading delivery) => delivery.Event switch
    {
        DeliveryEvent.Acknowledge => "Acknowledged: ",
        DeliveryEvent.Resolve => "Resolved: ",
        _ => "",
    };
}
