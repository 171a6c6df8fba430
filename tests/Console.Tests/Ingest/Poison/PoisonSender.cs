using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Handrail.Ingest.Poison;

/// <summary>What came of a request: the status of HTTP or of gRPC, and what is wrong with the answer itself.</summary>
internal sealed record PoisonAnswer(int Status, bool Grpc, string? Fault, string Text)
{
    public bool IsTaken => Grpc ? Status == 0 : Status == 200;

    /// <summary>Overload: an exporter sends it again.</summary>
    public bool IsLater => Grpc ? Status == 14 : Status is 429 or 503;
}

/// <summary>Sends what no client library would.</summary>
internal sealed class PoisonSender : IDisposable
{
    private static readonly byte[] NoBytes = [];

    private readonly (Uri Console, Uri Http, Uri Grpc) _at;
    private readonly string _key;
    private readonly HttpClient _http;

    public PoisonSender(Uri console, Uri otlpHttp, Uri otlpGrpc, string key)
    {
        (_at, _key) = ((console, otlpHttp, otlpGrpc), key);
        _http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { Timeout = TimeSpan.FromMinutes(2) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public void Dispose() => _http.Dispose();

    public Task<PoisonAnswer> SendAsync(PoisonInput input) =>
        input.Door.Grpc ? CallAsync(input)
        : input.Breakage == Breakage.TooShort || (input.Breakage == Breakage.Framing && !input.Gzip) ? WriteAsync(input)
        : PostAsync(input);

    private Uri Address(PoisonDoor door) => new(door.Grpc ? _at.Grpc : door.Signal == PoisonSignal.Costs ? _at.Console : _at.Http, door.Path);

    private static string Type(PoisonInput input) => input.Breakage == Breakage.Header && input.Chance < 30 ? "application/xml" : input.Door.Json ? "application/json" : "application/x-protobuf";

    private async Task<PoisonAnswer> PostAsync(PoisonInput input)
    {
        using var content = new ByteArrayContent(input.Body);
        content.Headers.TryAddWithoutValidation("Content-Type", Type(input));
        if (input.Gzip)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
        }
        else if (input.Breakage == Breakage.Header && input.Chance is >= 30 and < 80)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", input.Chance < 60 ? "gzip" : "br");
        }

        using var answer = await _http.PostAsync(Address(input.Door), content);
        var body = await answer.Content.ReadAsByteArrayAsync();
        return new PoisonAnswer((int)answer.StatusCode, false, Fault(input, answer, body), Encoding.UTF8.GetString(body));
    }

    /// <summary>What is wrong with an answer: refusals must be a google.rpc.Status in the request's encoding, and say when to come again where that helps.</summary>
    private static string? Fault(PoisonInput input, HttpResponseMessage answer, byte[] body)
    {
        var type = answer.Content.Headers.ContentType?.MediaType;
        if ((int)answer.StatusCode is 429 or 503 && answer.Headers.RetryAfter is null)
        {
            return "no Retry-After";
        }

        if (input.Door.Signal == PoisonSignal.Costs)
        {
            var expected = answer.IsSuccessStatusCode ? "application/json" : "application/problem+json";
            return type == expected ? null : $"the answer is {type}, not {expected}";
        }

        if (type != Type(input) && input.Breakage != Breakage.Header)
        {
            return $"the answer is {type}, not {Type(input)}";
        }

        if (answer.IsSuccessStatusCode)
        {
            return null;
        }

        return type == "application/json" ? JsonFault(body) : body is [0x08, > 0, 0x12, ..] ? null : "the error is no google.rpc.Status";
    }

    private static string? JsonFault(byte[] body)
    {
        using var error = JsonDocument.Parse(body);
        return error.RootElement.TryGetProperty("code", out _) && error.RootElement.TryGetProperty("message", out _) ? null : "the error is no google.rpc.Status";
    }

    private async Task<PoisonAnswer> CallAsync(PoisonInput input)
    {
        var head = new byte[5];
        head[0] = (byte)(input.Gzip ? 1 : 0);
        var length = (uint)input.Body.Length;
        if (input.Breakage is Breakage.TooShort or Breakage.Framing)
        {
            length = input.Chance switch { < 40 => length + 1, < 60 => uint.MaxValue, < 80 => length / 2, _ => length };
            head[0] = input.Chance >= 80 ? (byte)input.Chance : head[0];
        }

        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(1), length);
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(input.Door)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent(Wire.Join(head, input.Body));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.TryAddWithoutValidation("grpc-encoding", input.Breakage == Breakage.Header ? "br" : input.Gzip ? input.Packing : "identity");
        using var answer = await _http.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        var status = Header(answer.TrailingHeaders, "grpc-status") ?? Header(answer.Headers, "grpc-status");
        var message = Header(answer.TrailingHeaders, "grpc-message") ?? Header(answer.Headers, "grpc-message") ?? "";
        if (status == "14" && Header(answer.TrailingHeaders, "grpc-status-details-bin") is null && Header(answer.Headers, "grpc-status-details-bin") is null)
        {
            return new PoisonAnswer(14, true, "UNAVAILABLE without a RetryInfo", message);
        }

        return status is null
            ? new PoisonAnswer((int)answer.StatusCode, true, $"HTTP {(int)answer.StatusCode} without a grpc-status", Encoding.UTF8.GetString(body))
            : new PoisonAnswer(int.Parse(status, CultureInfo.InvariantCulture), true, null, message);
    }

    private static string? Header(HttpHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.First() : null;

    /// <summary>Writes HTTP by hand, with a length or with chunks that are wrong.</summary>
    private async Task<PoisonAnswer> WriteAsync(PoisonInput input)
    {
        var address = Address(input.Door);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(address.Host, address.Port);
        var stream = tcp.GetStream();
        var chunked = input.Breakage == Breakage.Framing;
        var head = $"POST {input.Door.Path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {_key}\r\nContent-Type: {Type(input)}\r\nConnection: close\r\n"
            + (input.Gzip ? "Content-Encoding: gzip\r\n" : "")
            + (chunked ? $"Transfer-Encoding: chunked\r\n\r\n{input.Body.Length + (input.Chance % 3):x}\r\n" : $"Content-Length: {input.Body.Length + 1 + input.Chance}\r\n\r\n");
        var tail = !chunked ? NoBytes : input.Chance < 50 ? "\r\nnonsense\r\n"u8.ToArray() : "\r\n0"u8.ToArray();
        var text = "";
        try
        {
            await stream.WriteAsync(Wire.Join(Encoding.ASCII.GetBytes(head), input.Body, tail));
            tcp.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            text = await reader.ReadToEndAsync();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Cut off before the end: it never was a request.
        }

        var status = text.Length > 12 && text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture) : 400;
        return new PoisonAnswer(status, false, null, text);
    }
}
