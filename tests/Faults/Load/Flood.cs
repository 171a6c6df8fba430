using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;

namespace Handrail.Faults.Load;

/// <summary>
/// More telemetry than anybody can take in, by OTLP/HTTP in both encodings and by gRPC: the rate at which it is offered is kept whatever is answered. What is refused is offered
/// again when its time has come, in place of something new.
/// </summary>
internal sealed class Flood : IDisposable
{
    /// <summary>Spans of one request: the largest that exporters send unless they are told otherwise.</summary>
    public const int SpansInRequest = 512;

    /// <summary>What the sessions are called, before their numbers.</summary>
    public const string Sessions = "flood-";

    private const int ContentLength = 1_200;
    private const int RequestsInSession = 4;
    private const int Lanes = 8;

    /// <summary>Requests under way at once; beyond that this process would need the memory which it is to find the console not needing.</summary>
    private const int Most = 768;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Method<byte[], byte[]> Export = new(
        MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", Marshallers.Create(b => b, b => b), Marshallers.Create(b => b, b => b));

    private readonly SpanPattern _protobuf = new(SpansInRequest, json: false, TimeProvider.System.GetUtcNow(), Sessions, ContentLength);
    private readonly SpanPattern _json = new(SpansInRequest, json: true, TimeProvider.System.GetUtcNow(), Sessions, ContentLength);
    private readonly ConcurrentBag<byte[]> _protobufBodies = [];
    private readonly ConcurrentBag<byte[]> _jsonBodies = [];
    private readonly ConcurrentQueue<(long Due, int Number)> _again = new();
    private readonly ConcurrentQueue<int> _acknowledged = new();
    private readonly HttpClient _http;
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _grpc;
    private readonly Metadata _key = new() { { "authorization", $"Bearer {ConsoleProcess.AgentKey}" } };
    private int _next;
    private int _underWay;
    private int _refused;
    private int _cutOff;

    public Flood(ConsoleProcess console)
    {
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Most }) { BaseAddress = console.OtlpHttp, Timeout = Patience };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ConsoleProcess.AgentKey);
        _channel = GrpcChannel.ForAddress(console.OtlpGrpc, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true }, DisposeHttpClient = true });
        _grpc = _channel.CreateCallInvoker();
    }

    /// <summary>The numbers of the requests that were acknowledged.</summary>
    public IReadOnlyCollection<int> Acknowledged => _acknowledged;

    /// <summary>Answers that told to come again, with a delay.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Requests that got no answer, because the connection ended.</summary>
    public int CutOff => Volatile.Read(ref _cutOff);

    /// <summary>Requests that were due and not offered: too many were under way.</summary>
    public int NotOffered { get; private set; }

    /// <summary>Answers that were neither an acknowledgement nor an honest "later".</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Of all that is stored, the model calls' tokens of one request.</summary>
    public long TokensInRequest => _json.TokensIn;

    /// <summary>The traces of a request.</summary>
    public IEnumerable<string> TracesOf(int number) => Enumerable.Range(0, _json.Turns).Select(turn => SpanPattern.TraceId(number, turn));

    /// <summary>Sends as fast as it is acknowledged, which is what the console can take.</summary>
    /// <returns>Requests a second.</returns>
    public async Task<double> TakeAsync(TimeSpan length)
    {
        var (clock, before) = (Stopwatch.StartNew(), _acknowledged.Count);
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < length)
            {
                await SendAsync(Interlocked.Increment(ref _next));
            }
        })));
        return (_acknowledged.Count - before) / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Offers so many requests a second.</summary>
    /// <returns>How many a second were acknowledged meanwhile.</returns>
    public async Task<double> OfferAsync(double perSecond, TimeSpan length)
    {
        var (clock, before) = (Stopwatch.StartNew(), _acknowledged.Count);
        var running = new List<Task>();
        for (var n = 0; clock.Elapsed < length; n++)
        {
            if (TimeSpan.FromSeconds(n / perSecond) - clock.Elapsed is { Ticks: > 0 } early)
            {
                await Task.Delay(early);
            }

            if (Volatile.Read(ref _underWay) >= Most)
            {
                NotOffered++;
                continue;
            }

            running.Add(SendAsync(NextNumber()));
            if (n % Most == 0)
            {
                running.RemoveAll(r => r.IsCompletedSuccessfully);
            }
        }

        var taken = (_acknowledged.Count - before) / clock.Elapsed.TotalSeconds;
        await Task.WhenAll(running);
        return taken;
    }

    /// <summary>Sends again some of what was refused, until it is acknowledged.</summary>
    public async Task DeliverAsync(int requests)
    {
        for (var i = 0; i < requests && _again.TryDequeue(out var refused); i++)
        {
            await Eventually.HoldsAsync("what was refused is acknowledged when it comes again", async () => await SendAsync(refused.Number) || !Faults.IsEmpty);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _channel.Dispose();
    }

    private int NextNumber() =>
        _again.TryPeek(out var first) && first.Due <= Stopwatch.GetTimestamp() && _again.TryDequeue(out var refused) ? refused.Number : Interlocked.Increment(ref _next);

    /// <returns>Whether it was acknowledged.</returns>
    private async Task<bool> SendAsync(int number)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            var later = (number % 5) switch
            {
                0 => await OverGrpcAsync(number),
                1 or 2 => await OverHttpAsync(number, _json, _jsonBodies, "application/json"),
                _ => await OverHttpAsync(number, _protobuf, _protobufBodies, "application/x-protobuf"),
            };
            if (later is null)
            {
                _acknowledged.Enqueue(number);
                return true;
            }

            _again.Enqueue((Stopwatch.GetTimestamp() + (long)(later.Value.TotalSeconds * Stopwatch.Frequency), number));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Interlocked.Increment(ref _cutOff);
            _again.Enqueue((Stopwatch.GetTimestamp() + Stopwatch.Frequency, number));
        }
        catch (OperationCanceledException)
        {
            Faults.Enqueue($"No answer within {Patience.TotalSeconds:0} s.");
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }

        return false;
    }

    /// <returns>When to come again; null when it is acknowledged.</returns>
    private async Task<TimeSpan?> OverHttpAsync(int number, SpanPattern pattern, ConcurrentBag<byte[]> bodies, string type)
    {
        var body = Body(number, pattern, bodies);
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await _http.PostAsync("v1/traces", content);
        bodies.Add(body);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            // An acknowledgement of all that was sent has no partial success in it.
            var said = await answer.Content.ReadAsByteArrayAsync();
            Expect(pattern.IsJson ? Encoding.UTF8.GetString(said).Replace(" ", "", StringComparison.Ordinal) is "{}" or "{\"partialSuccess\":{}}" : said.Length == 0, $"Spans were rejected: {Encoding.UTF8.GetString(said)}");
            return null;
        }

        Interlocked.Increment(ref _refused);
        var later = answer.Headers.RetryAfter?.Delta;
        Expect(answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && later is not null, $"{(int)answer.StatusCode}, to come again after {later}.");
        return later ?? TimeSpan.FromSeconds(1);
    }

    private async Task<TimeSpan?> OverGrpcAsync(int number)
    {
        var body = Body(number, _protobuf, _protobufBodies);
        try
        {
            var said = await _grpc.AsyncUnaryCall(Export, null, new CallOptions(_key, TimeProvider.System.GetUtcNow().UtcDateTime + Patience), body);
            _protobufBodies.Add(body);
            Expect(said.Length == 0, "Spans were rejected over gRPC.");
            return null;
        }
        catch (RpcException e) when (e.Status.DebugException is HttpRequestException or IOException)
        {
            throw new IOException("Cut off.", e);
        }
        catch (RpcException e)
        {
            _protobufBodies.Add(body);
            Interlocked.Increment(ref _refused);
            var details = e.Trailers.GetValueBytes("grpc-status-details-bin") ?? [];
            Expect(
                e.StatusCode is StatusCode.Unavailable or StatusCode.ResourceExhausted && details.AsSpan().IndexOf("google.rpc.RetryInfo"u8) >= 0,
                $"gRPC {e.Status}, with {details.Length} bytes of details.");
            return TimeSpan.FromSeconds(1);
        }
    }

    private static byte[] Body(int number, SpanPattern pattern, ConcurrentBag<byte[]> bodies)
    {
        if (!bodies.TryTake(out var body))
        {
            body = new byte[pattern.Length];
        }

        pattern.Write(body, number, number / RequestsInSession);
        return body;
    }

    private void Expect(bool held, string fault)
    {
        if (!held && Faults.Count < 20)
        {
            Faults.Enqueue(fault);
        }
    }
}
