using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Handrail.Faults.Load;

/// <summary>A fleet at work: telemetry at a steady rate, from sessions that begin and end. What is refused is sent again until it is acknowledged.</summary>
internal sealed class SteadyTelemetry : IDisposable
{
    /// <summary>What the sessions are called, before their numbers.</summary>
    public const string Sessions = "soak-";

    /// <summary>Six turns.</summary>
    public const int SpansInRequest = 48;

    private const int ContentLength = 600;
    private const int SessionsAtOnce = 20;
    private const int RequestsInSession = 20;

    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentQueue<TimeSpan> _delays = new();
    private readonly HttpClient _http;
    private long _acknowledged;
    private int _again;

    public SteadyTelemetry(ConsoleProcess console)
    {
        _http = new HttpClient { BaseAddress = console.OtlpHttp, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ConsoleProcess.AgentKey);
    }

    public long AcknowledgedSpans => Interlocked.Read(ref _acknowledged) * SpansInRequest;

    /// <summary>Requests that were told to come again, or got no answer.</summary>
    public int SentAgain => Volatile.Read(ref _again);

    /// <summary>From a request's sending to its acknowledgement.</summary>
    public IReadOnlyCollection<TimeSpan> Delays => _delays;

    /// <summary>Answers that were neither an acknowledgement nor an honest "later".</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Sends so many spans a second until it is enough, and then until all that it began is acknowledged.</summary>
    public async Task RunAsync(double spansPerSecond, CancellationToken enough)
    {
        var clock = Stopwatch.StartNew();
        var running = new List<Task>();
        var (protobuf, json, made) = (Pattern(json: false), Pattern(json: true), clock.Elapsed);
        for (var number = 1; !enough.IsCancellationRequested; number++)
        {
            if (TimeSpan.FromSeconds(number * SpansInRequest / spansPerSecond) - clock.Elapsed is { Ticks: > 0 } early)
            {
                await Task.Delay(early, CancellationToken.None);
            }

            if (clock.Elapsed - made > TimeSpan.FromSeconds(10))
            {
                // What is sent has just happened.
                (protobuf, json, made) = (Pattern(json: false), Pattern(json: true), clock.Elapsed);
            }

            running.Add(DeliverAsync(number % 2 == 0 ? json : protobuf, number));
            running.RemoveAll(r => r.IsCompletedSuccessfully);
        }

        await Task.WhenAll(running);
    }

    public void Dispose() => _http.Dispose();

    private static SpanPattern Pattern(bool json) => new(SpansInRequest, json, TimeProvider.System.GetUtcNow(), Sessions, ContentLength);

    private async Task DeliverAsync(SpanPattern pattern, int number)
    {
        var body = new byte[pattern.Length];
        pattern.Write(body, number, (number / (SessionsAtOnce * RequestsInSession) * SessionsAtOnce) + (number % SessionsAtOnce));
        while (true)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue(pattern.IsJson ? "application/json" : "application/x-protobuf");
            var begun = Stopwatch.GetTimestamp();
            using var answer = await SendAsync(content);
            if (answer?.StatusCode == HttpStatusCode.OK)
            {
                _delays.Enqueue(Stopwatch.GetElapsedTime(begun));
                Interlocked.Increment(ref _acknowledged);
                return;
            }

            if (answer is not null and not { StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable })
            {
                Faults.Enqueue($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
                return;
            }

            Interlocked.Increment(ref _again);
            await Task.Delay(Again);
        }
    }

    /// <returns>Null when it got no answer: it can't know, and sends it again.</returns>
    private async Task<HttpResponseMessage?> SendAsync(ByteArrayContent content)
    {
        try
        {
            return await _http.PostAsync("v1/traces", content);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }
}
