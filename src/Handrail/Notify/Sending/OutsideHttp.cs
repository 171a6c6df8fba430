using System.Net;
using System.Net.Http.Headers;

namespace Handrail.Notify.Sending;

/// <summary>Posts JSON to addresses outside: no redirect followed, no proxy, no cookie, and nothing kept of what the other end says but its status.</summary>
internal sealed class OutsideHttp : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    public OutsideHttp(Outside outside, TimeProvider time)
    {
        _time = time;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxResponseHeadersLength = 16,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = async (context, cancel) =>
                await outside.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttps, cancel),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Handrail", null));
    }

    public async Task<Attempt> PostAsync(Uri address, byte[] json, Action<HttpRequestHeaders>? headers, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        headers?.Invoke(request.Headers);
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return Read(answer);
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException as OutsideException ?? new OutsideException(e.HttpRequestError switch
            {
                HttpRequestError.SecureConnectionError => $"{address.Host} could not be spoken to over TLS: its certificate or protocol does not hold.",
                HttpRequestError.NameResolutionError => $"The name {address.Host} can't be resolved.",
                _ => $"{address.Host} broke the connection off ({e.HttpRequestError}).",
            });
        }
        catch (IOException)
        {
            throw new OutsideException($"{address.Host} broke the connection off.");
        }
    }

    public void Dispose() => _client.Dispose();

    private Attempt Read(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        var wait = answer.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - _time.GetUtcNow() : null;
        wait = wait > TimeSpan.Zero ? (wait < LongestWait ? wait : LongestWait) : null;
        return answer.StatusCode switch
        {
            _ when answer.IsSuccessStatusCode => Attempt.Delivered(status),
            HttpStatusCode.Gone => new Attempt(Fault.Final, "The other end said 410: it wants no more of these.", status),
            HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity => new Attempt(Fault.Message, $"The other end refused it with {status}.", status, wait),
            _ when status is >= 300 and < 400 => new Attempt(Fault.Channel, $"The other end answered {status}; redirects are not followed. Give the channel the address that it leads to.", status, wait),
            _ => new Attempt(Fault.Channel, $"The other end answered {status}.", status, wait),
        };
    }
}
