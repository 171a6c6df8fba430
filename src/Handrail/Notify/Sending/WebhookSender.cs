using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Store;

namespace Handrail.Notify.Sending;

/// <summary>JSON to an address, signed as Standard Webhooks 1.0 says, so that the receiver knows who sent it and that it is no replay.</summary>
internal sealed class WebhookSender(OutsideHttp http, Links links) : ISender
{
    public ChannelKind Kind => ChannelKind.Webhook;

    public Task<Attempt> SendAsync(Message message, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(Body(message), JsonText.Options);
        var at = message.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signatures = Signatures(message.Secret!, message.Delivery.Id, at, body, message.At);
        return http.PostAsync(
            new Uri(message.Address.Url!),
            body,
            headers =>
            {
                headers.Add("webhook-id", message.Delivery.Id);
                headers.Add("webhook-timestamp", at);
                headers.Add("webhook-signature", signatures);
            },
            cancel);
    }

    /// <summary>One signature for each secret that holds: while one follows another, either may verify.</summary>
    internal static string Signatures(ChannelSecret secret, string id, string at, byte[] body, DateTimeOffset now)
    {
        var signed = new byte[Encoding.UTF8.GetByteCount(id) + at.Length + 2 + body.Length];
        var head = Encoding.UTF8.GetBytes($"{id}.{at}.", signed);
        body.CopyTo(signed, head);
        return string.Join(' ', new[] { secret.Value, secret.PreviousUntil > now ? secret.Previous : null }
            .Select(s => s is null ? null : ChannelSecrets.SigningKey(s))
            .Where(key => key is not null)
            .Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key!, signed))));
    }

    private object Body(Message message)
    {
        var notice = message.Notice;
        var fields = message.Channel.Detail == ChannelDetail.Fields;
        return new
        {
            Type = Wording.EventType(notice, message.Delivery.Event),
            Timestamp = message.Delivery.Event switch
            {
                DeliveryEvent.Acknowledge => message.Alert?.AcknowledgedAt ?? notice.At,
                DeliveryEvent.Resolve => message.Alert?.ResolvedAt ?? notice.At,
                _ => notice.At,
            },
            Data = new
            {
                notice.Id,
                notice.Cause,
                Title = message.Title,
                notice.Severity,
                Agent = fields ? notice.Agent : null,
                SessionId = fields ? notice.SessionId : null,
                notice.HandoffId,
                HandoffKind = fields ? notice.HandoffKind : null,
                Type = fields ? notice.Type : null,
                Amount = fields ? notice.Amount : null,
                Currency = fields ? notice.Currency : null,
                Risk = fields ? notice.Risk : null,
                Role = fields ? notice.Role : null,
                By = fields ? notice.By : null,
                Outcome = fields ? notice.Outcome : null,
                Subject = fields ? notice.Subject : null,
                Figure = fields ? notice.Figure : null,
                PolicyVersion = fields ? notice.PolicyVersion : null,
                ExpiresAt = fields ? notice.ExpiresAt : null,
                Alert = message.Alert is { } alert ? new { alert.Id, alert.State, alert.AcknowledgedBy, alert.ResolvedBy } : null,
                Links = new { Open = links.Deed(notice), Session = links.Session(fields ? notice.SessionId : null), Alert = links.Alert(message.Alert?.Id) },
            },
        };
    }
}
