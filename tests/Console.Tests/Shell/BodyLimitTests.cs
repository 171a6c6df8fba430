using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Handrail.Host;
using Handrail.Store;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Shell;

/// <summary>How large a body may be, asked of every door there is: also of those that are added later.</summary>
public sealed class BodyLimitTests
{
    /// <summary>What the server and the machine may hold of a body that nobody reads: their buffers.</summary>
    private const int Buffers = 8 * 1024 * 1024;

    /// <summary>Of telemetry, in these tests.</summary>
    private const int MostTelemetry = 1024 * 1024;

    private static readonly byte[] Chunk = [.. Encoding.ASCII.GetBytes("10000\r\n"), .. Enumerable.Repeat((byte)' ', 0x10000), .. "\r\n"u8];

    [Fact]
    public async Task Every_door_refuses_a_body_that_says_it_is_too_large_before_any_of_it_has_come()
    {
        await using var host = await StartAsync();
        var doors = Doors(host);

        var wrong = new List<string>();
        foreach (var (method, path, endpoint) in doors)
        {
            var (status, type, _) = await SendAsync(host, method, path, "Content-Length: 900000000\r\n\r\n", endless: false);
            var own = endpoint.Metadata.GetMetadata<RefusesInItsOwnWords>() is not null;
            if (status != 413 || (own ? type is not "application/json" : type is not "application/problem+json"))
            {
                wrong.Add($"{method} {path} answered {status} {type}");
            }
        }

        Assert.True(doors.Count > 120, $"only {doors.Count} doors were found");
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task No_door_takes_in_a_body_that_never_ends()
    {
        await using var host = await StartAsync();
        var wrong = new List<string>();
        var cutShort = 0;
        foreach (var (method, path, endpoint) in Doors(host).Where(d => d.Method is not "GET"))
        {
            var most = endpoint.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? BodyLimits.Most;
            var (status, _, taken) = await SendAsync(host, method, path, "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n", endless: true);

            // Who looks for no body answers without one; the rest of it is then not waited for.
            if (status is 0 or >= 500 || taken > most + Buffers)
            {
                wrong.Add($"{method} {path} answered {status} after {taken} bytes");
            }

            cutShort += status == 413 ? 1 : 0;
        }

        Assert.Empty(wrong);
        Assert.True(cutShort > 35, $"only {cutShort} doors said that it is too large");
    }

    [Fact]
    public async Task Over_gRPC_a_message_that_is_too_large_is_refused_in_its_words()
    {
        await using var host = await StartAsync();
        using var channel = GrpcChannel.ForAddress(host.OtlpGrpc);
        var bytes = Marshallers.Create<byte[]>(b => b, b => b);
        var export = new Method<byte[], byte[]>(MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", bytes, bytes);
        var key = new Metadata { { "x-api-key", ConsoleHost.AgentKey } };

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(export, null, new CallOptions(key), new byte[2 * MostTelemetry]));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
    }

    private static Task<ConsoleHost> StartAsync() =>
        ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Ingest:MaxBodyBytes", MostTelemetry.ToString(CultureInfo.InvariantCulture)), onPorts: true);

    /// <summary>Every door with each of its methods, at an address that leads to it. gRPC's have another protocol, and are asked above.</summary>
    private static List<(string Method, string Path, RouteEndpoint Endpoint)> Doors(ConsoleHost host) =>
    [
        .. host.Factory.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => !e.RoutePattern.RawText!.StartsWith("/opentelemetry.proto.", StringComparison.Ordinal) && !e.RoutePattern.RawText.Contains("unimplemented", StringComparison.Ordinal))
            .SelectMany(e => Methods(e).Select(m => (m, PathOf(e.RoutePattern), e))),
    ];

    private static IEnumerable<string> Methods(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods.Where(m => m is not ("HEAD" or "OPTIONS" or "CONNECT")) : ["POST"];

    private static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart => "x1",
        _ => "",
    }))));

    /// <summary>Sends what no client library would, and as much of it as is taken.</summary>
    /// <returns>The answer's status and type, 0 when there was none; and how many bytes of the body went.</returns>
    private static async Task<(int Status, string? Type, long Taken)> SendAsync(ConsoleHost host, string method, string path, string rest, bool endless)
    {
        using var patience = new CancellationTokenSource(Testing.Eventually.Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, patience.Token);
        var stream = client.GetStream();
        var key = path.Contains("/hubs/", StringComparison.Ordinal) || path.StartsWith("/v1/", StringComparison.Ordinal) || path.StartsWith("/api/public", StringComparison.Ordinal)
            || path.EndsWith("/actions", StringComparison.Ordinal) ? ConsoleHost.AgentKey : ConsoleHost.AdminToken;
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {host.Address.Authority}\r\nx-api-key: {key}\r\nContent-Type: application/json\r\nConnection: close\r\n{rest}"), patience.Token);
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var sending = endless ? FloodAsync(stream, answered.Token) : Task.FromResult(0L);
        var (status, type) = await HeadAsync(stream, patience.Token);
        await answered.CancelAsync();
        return (status, type, await sending);
    }

    private static async Task<long> FloodAsync(NetworkStream stream, CancellationToken answered)
    {
        var sent = 0L;
        try
        {
            while (sent < 1L << 30)
            {
                await stream.WriteAsync(Chunk, answered);
                sent += Chunk.Length;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other end has said what it had to say.
        }

        return sent;
    }

    private static async Task<(int Status, string? Type)> HeadAsync(NetworkStream stream, CancellationToken cancel)
    {
        var head = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, cancel) is > 0 and var read)
            {
                head.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Reset before the answer was read.
        }

        var lines = head.ToString().Split("\r\n");
        var type = lines.FirstOrDefault(l => l.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase))?["Content-Type:".Length..].Split(';')[0].Trim();
        return lines[0].Split(' ') is ["HTTP/1.1", var status, ..] ? (int.Parse(status, CultureInfo.InvariantCulture), type) : (0, type);
    }
}
