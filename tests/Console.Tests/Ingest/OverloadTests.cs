using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Handrail.Access;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Ingest;

/// <summary>Telemetry that can't be written in time is refused at the door, before it is read.</summary>
public sealed class OverloadTests
{
    private static readonly Method<byte[], byte[]> ExportTraces = new(
        MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", Marshallers.Create(b => b, b => b), Marshallers.Create(b => b, b => b));

    [Fact]
    public async Task Over_HTTP_the_refusal_and_its_delay_come_before_the_body_is_sent_and_over_gRPC_in_its_own_words()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, onPorts: true);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk"))).Expect(200);
        using var channel = GrpcChannel.ForAddress(host.OtlpGrpc);
        var key = new Metadata { { "authorization", $"Bearer {ConsoleHost.AgentKey}" } };
        async Task ExportAsync() => await channel.CreateCallInvoker().AsyncUnaryCall(ExportTraces, null, new CallOptions(key), []);
        await ExportAsync();

        using (var waiting = host.Services<IngestAdmission>().Enter(new Caller { Kind = CallerKind.AgentKey, Id = "another", Name = "another", Team = Keys.DefaultTeam }))
        {
            waiting.AddSpans(50_000);

            using var sender = new TcpClient();
            await sender.ConnectAsync(host.OtlpHttp.Host, host.OtlpHttp.Port);
            await sender.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ConsoleHost.AgentKey}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"));
            using var answer = new StreamReader(sender.GetStream());
            Assert.Equal("HTTP/1.1 503 Service Unavailable", await answer.ReadLineAsync());
            var headers = new List<string>();
            while (await answer.ReadLineAsync() is { Length: > 0 } header)
            {
                headers.Add(header);
            }

            Assert.Contains("Retry-After: 1", headers);
            var refused = await Assert.ThrowsAsync<RpcException>(ExportAsync);
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
            Assert.Contains("nothing of this request was kept", refused.Status.Detail);
            Assert.Contains("google.rpc.RetryInfo", Encoding.UTF8.GetString(refused.Trailers.GetValueBytes("grpc-status-details-bin")!));
        }

        await ExportAsync();
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk"))).Expect(200);
    }
}
