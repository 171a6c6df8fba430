using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Handrail.Testing;

/// <summary>A request as it arrived.</summary>
public sealed record Received(string Path, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public string? Id => Headers.GetValueOrDefault("webhook-id");

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The body as it came, for what is no text.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }
}

/// <summary>A real HTTP server that keeps what it is sent, and answers as the test says.</summary>
public sealed class HttpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly Func<Received, HttpListenerResponse, Task> _answer;

    /// <param name="answer">Null to answer 204 to everything.</param>
    public HttpReceiver(Func<Received, HttpListenerResponse, Task>? answer = null)
    {
        _answer = answer ?? ((_, response) =>
        {
            response.StatusCode = 204;
            return Task.CompletedTask;
        });
        Address = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ListenAsync();
    }

    /// <summary>Answers everything with this status.</summary>
    public static HttpReceiver Answering(int status, string? header = null, string? value = null) => new((_, response) =>
    {
        response.StatusCode = status;
        if (header is not null)
        {
            response.Headers[header] = value;
        }

        return Task.CompletedTask;
    });

    public Uri Address { get; }

    public IReadOnlyList<Received> All => [.. _received];

    public void Dispose() => _listener.Close();

    private async Task ListenAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            var headers = context.Request.Headers.AllKeys.ToDictionary(k => k!.ToLowerInvariant(), k => context.Request.Headers[k]!);
            var received = new Received(context.Request.Url!.AbsolutePath, Encoding.UTF8.GetString(body.ToArray()), headers) { Bytes = body.ToArray() };
            _received.Enqueue(received);
            await _answer(received, context.Response);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The other end went away, or the test is over.
        }
    }
}
