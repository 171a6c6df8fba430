using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using SmtpServer;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Handrail.Testing;

/// <summary>A mail as it arrived.</summary>
public sealed record ReceivedMail(string From, IReadOnlyList<string> To, string Text);

/// <summary>A real SMTP server that keeps what it is sent.</summary>
public sealed class MailReceiver : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<ReceivedMail> _received = new();

    /// <param name="refused">Addresses that it refuses for good.</param>
    /// <param name="busy">True to take no mail for now.</param>
    public MailReceiver(IReadOnlyCollection<string>? refused = null, Func<bool>? busy = null)
    {
        Port = FreePort.Find();
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(e => e.Endpoint(new IPEndPoint(IPAddress.Loopback, Port))).Build();
        var services = new ServiceProvider();
        services.Add(new Store(_received, busy));
        services.Add(new Filter(refused ?? []));
        _ = new SmtpServer.SmtpServer(options, services).StartAsync(_end.Token);
    }

    public int Port { get; }

    public IReadOnlyList<ReceivedMail> All => [.. _received];

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private sealed class Store(ConcurrentQueue<ReceivedMail> received, Func<bool>? busy) : MessageStore
    {
        public override Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            if (busy?.Invoke() == true)
            {
                return Task.FromResult(new SmtpResponse(SmtpReplyCode.ServiceUnavailable, "not now"));
            }

            received.Enqueue(new ReceivedMail(transaction.From.AsAddress(), [.. transaction.To.Select(t => t.AsAddress())], Encoding.UTF8.GetString(buffer)));
            return Task.FromResult(SmtpResponse.Ok);
        }
    }

    private sealed class Filter(IReadOnlyCollection<string> refused) : MailboxFilter
    {
        public override Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) =>
            Task.FromResult(!refused.Contains(to.AsAddress()));
    }
}
