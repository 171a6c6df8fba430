using System.Text.Json;
using Handrail.Store;

namespace Handrail.Notify.Sending;

/// <summary>PagerDuty's Events API v2: the cause is the key by which an incident is opened once, acknowledged and resolved.</summary>
internal sealed class PagerDutySender(OutsideHttp http, Links links) : ISender
{
    public static readonly Uri Usual = new("https://events.pagerduty.com/v2/enqueue");

    /// <summary>PagerDuty takes keys of 255 characters.</summary>
    private const int LongestKey = 255;

    public ChannelKind Kind => ChannelKind.PagerDuty;

    public Task<Attempt> SendAsync(Message message, CancellationToken cancel) => http.PostAsync(
        message.Address.Url is { } url ? new Uri(url) : Usual, JsonSerializer.SerializeToUtf8Bytes(Body(message), JsonText.Options), null, cancel);

    private object Body(Message message)
    {
        var notice = message.Notice;
        var key = $"handrail:{notice.Cause}";
        key = key.Length <= LongestKey ? key : key[..LongestKey];
        if (message.Delivery.Event != DeliveryEvent.Trigger)
        {
            return new { routing_key = message.Secret!.Value, event_action = message.Delivery.Event.Text(), dedup_key = key };
        }

        return new
        {
            routing_key = message.Secret!.Value,
            event_action = "trigger",
            dedup_key = key,
            client = "Handrail",
            client_url = links.Deed(notice) ?? links.Console,
            links = new[] { ("Open", links.Deed(notice)), ("Acknowledge", links.Alert(message.Alert?.Id)) }.Where(l => l.Item2 is not null).Select(l => new { href = l.Item2, text = l.Item1 }),
            payload = new
            {
                summary = message.Title,
                source = message.Channel.Detail == ChannelDetail.Fields ? Wording.Line(notice.Agent ?? "fleet") : "handrail",
                severity = notice.Severity,
                timestamp = notice.At,
                component = "handrail",
                @class = Wording.EventType(notice, DeliveryEvent.Trigger),
                custom_details = message.Facts.ToDictionary(f => f.Label, f => f.Value),
            },
        };
    }
}
