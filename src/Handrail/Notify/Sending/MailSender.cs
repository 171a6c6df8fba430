using System.Security.Cryptography;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Text;

namespace Handrail.Notify.Sending;

/// <summary>Mail by SMTP, as plain text: nothing in it is loaded or run.</summary>
internal sealed class MailSender(Outside outside, NotifySettings settings, Links links) : ISender
{
    public ChannelKind Kind => ChannelKind.Email;

    public async Task<Attempt> SendAsync(Message message, CancellationToken cancel)
    {
        if (message.Recipients.Count == 0)
        {
            return new Attempt(Fault.Final, "Nobody may be sent it: no address is named, and nobody with the named roles may see this agent.");
        }

        var (address, host, port) = (message.Address, message.Address.Host!, message.Address.Port ?? 587);
        var encrypted = address.Security != MailSecurity.None;
        using var smtp = new PartialSmtp { Timeout = (int)settings.AttemptWithin.TotalMilliseconds, CheckCertificateRevocation = false };
        try
        {
            // MailKit takes the stream over, with the connection that goes to the checked address.
            await smtp.ConnectAsync(
                await outside.ConnectAsync(host, port, encrypted, cancel), host, port,
                address.Security switch
                {
                    MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
                    MailSecurity.None => SecureSocketOptions.None,
                    _ => SecureSocketOptions.StartTls,
                },
                cancel);
            if (address.UserName is { } user && message.Secret is { } secret)
            {
                await smtp.AuthenticateAsync(user, secret.Value, cancel);
            }

            await smtp.SendAsync(Mail(message), cancel);
            await smtp.DisconnectAsync(quit: true, cancel);
            return Attempt.Delivered((int)SmtpStatusCode.Ok, smtp.Refused > 0 ? $"{smtp.Refused} of {message.Recipients.Count} addresses were refused." : null);
        }
        catch (SmtpCommandException e)
        {
            var status = (int)e.StatusCode;
            return status < 500
                ? new Attempt(Fault.Channel, $"The mail server answered {status}: not now.", status)
                : new Attempt(e.ErrorCode == SmtpErrorCode.UnexpectedStatusCode ? Fault.Channel : Fault.Final, $"The mail server refused it with {status}.", status);
        }
        catch (System.Security.Authentication.AuthenticationException)
        {
            return new Attempt(Fault.Channel, $"{host} could not be spoken to over TLS: its certificate does not hold.");
        }
        catch (MailKit.Security.AuthenticationException)
        {
            return new Attempt(Fault.Channel, "The mail server does not take the name and password.");
        }
        catch (SslHandshakeException)
        {
            return new Attempt(Fault.Channel, $"{host} could not be spoken to over TLS: its certificate does not hold.");
        }
        catch (NotSupportedException)
        {
            return new Attempt(Fault.Channel, "The mail server offers no TLS, or no way to sign in that is safe.");
        }
        catch (Exception e) when (e is ProtocolException or IOException or ServiceNotConnectedException or TimeoutException)
        {
            return new Attempt(Fault.Channel, $"{host} broke the connection off, or speaks no SMTP.");
        }
    }

    private MimeMessage Mail(Message message)
    {
        var text = new StringBuilder();
        foreach (var (label, value) in message.Facts)
        {
            text.Append(label).Append(": ").AppendLine(value);
        }

        foreach (var (label, link) in new[] { ("Open", links.Deed(message.Notice)), ("Acknowledge", message.Alert is { State: AlertState.Open } ? links.Alert(message.Alert.Id) : null) })
        {
            if (link is not null)
            {
                text.AppendLine().Append(label).Append(": ").AppendLine(link);
            }
        }

        if (links.Console is null)
        {
            text.AppendLine().AppendLine("Open it in Handrail's console.");
        }

        var mail = new MimeMessage { Subject = message.Title, Date = message.At, MessageId = $"{message.Delivery.Id}@handrail", Body = new TextPart(TextFormat.Plain) { Text = text.ToString() } };
        mail.From.Add(MailboxAddress.Parse(message.Address.From!));
        mail.To.AddRange(message.Recipients.Select(MailboxAddress.Parse));
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");

        // All of one matter in one conversation.
        mail.References.Add($"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Notice.Cause)))[..32]}@handrail");
        return mail;
    }

    /// <summary>One address that is refused keeps no other from being told.</summary>
    private sealed class PartialSmtp : SmtpClient
    {
        public int Refused { get; private set; }

        protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            if ((int)response.StatusCode < 500)
            {
                base.OnRecipientNotAccepted(message, mailbox, response);
            }

            Refused++;
        }
    }
}
