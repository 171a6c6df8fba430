using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Handrail.Faults.Ingest;

/// <summary>
/// A client as OTLP wants it: it sends at its own pace, whatever is not acknowledged it sends again unchanged until it is, and keeps a ledger
/// of what was.
/// </summary>
/// <param name="seed">Of what it sends.</param>
/// <param name="spansPerSecond">Its pace; less where the console is slower or away.</param>
internal sealed class LedgerSender(int seed, int spansPerSecond) : IDisposable
{
    /// <summary>Requests under way at once.</summary>
    public const int Lanes = 8;

    /// <summary>Shorter than what it is told to wait: a test has less patience than an exporter.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly SpanBatches _batches = new(seed);
    private readonly Lock _next = new();
    private readonly Stopwatch _running = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private long _issued;
    private long _acknowledged;
    private int _again;

    public Ledger Ledger { get; } = new();

    /// <summary>Answers that were neither an acknowledgement nor an honest "later".</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Spans that are acknowledged.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Requests that were sent once more because they were refused or cut off.</summary>
    public int SentAgain => Volatile.Read(ref _again);

    /// <summary>What was sent, until it was told to send no more.</summary>
    public TimeSpan Took => _running.Elapsed;

    /// <summary>Sends until it is told that it is enough, and then until all that it began is acknowledged.</summary>
    /// <param name="door">Where to, for each request anew.</param>
    public async Task RunAsync(Func<Uri> door, CancellationToken enough)
    {
        _running.Start();
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    var (batch, due) = Next();
                    if (due > _running.Elapsed)
                    {
                        await Task.Delay(due - _running.Elapsed, CancellationToken.None);
                    }

                    await DeliverAsync(batch, door);
                }
            },
            CancellationToken.None)));
        _running.Stop();
    }

    /// <summary>Sends a request until it is acknowledged, and enters it.</summary>
    public async Task DeliverAsync(SpanBatch batch, Func<Uri> door)
    {
        while (!await TryAsync(batch, door()))
        {
            Interlocked.Increment(ref _again);
            await Task.Delay(Pause);
        }

        Ledger.Enter(batch);
        Interlocked.Add(ref _acknowledged, batch.Spans);
    }

    /// <returns>True when it is acknowledged, or can't be any more.</returns>
    public async Task<bool> TryAsync(SpanBatch batch, Uri door)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door, "v1/traces")) { Content = new ByteArrayContent(batch.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ConsoleProcess.AgentKey);
        try
        {
            using var answer = await _http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode == HttpStatusCode.OK && !text.Contains("rejectedSpans", StringComparison.Ordinal))
            {
                return true;
            }

            // A bad gateway is a proxy's word for a console that has gone.
            if (answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout)
            {
                return false;
            }

            if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter is not null)
            {
                return false;
            }

            Faults.Enqueue($"{(int)answer.StatusCode}: {text}");
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public SpanBatch NextBatch() => Next().Batch;

    public void Dispose() => _http.Dispose();

    private (SpanBatch Batch, TimeSpan Due) Next()
    {
        lock (_next)
        {
            var batch = _batches.Next();
            var due = TimeSpan.FromSeconds((double)_issued / spansPerSecond);

            // What it could not send while the console was away is not made up for: the pace stays what it is.
            _issued = Math.Max(_issued, (long)((_running.Elapsed.TotalSeconds - 1) * spansPerSecond)) + batch.Spans;
            return (batch, due);
        }
    }
}
