using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Handrail.Telemetry;

namespace Handrail.Sessions.Otlp;

/// <summary>Binds the collector's services by their names on the wire; there is no generated code between.</summary>
internal sealed class OtlpGrpcMethods : IServiceMethodProvider<OtlpGrpcDoor>
{
    private static readonly Marshaller<OtlpBody> Request = Marshallers.Create<OtlpBody>(
        (_, _) => throw new NotSupportedException("The console takes requests and sends none."), context => OtlpBody.Of(context.PayloadAsReadOnlySequence()));

    private static readonly Marshaller<byte[]> Response = Marshallers.Create<byte[]>(
        (message, context) => context.Complete(message), context => context.PayloadAsNewBuffer());

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<OtlpGrpcDoor> context)
    {
        Bind(context, "opentelemetry.proto.collector.trace.v1.TraceService", OtlpSignal.Traces);
        Bind(context, "opentelemetry.proto.collector.logs.v1.LogsService", OtlpSignal.Logs);
        Bind(context, "opentelemetry.proto.collector.metrics.v1.MetricsService", OtlpSignal.Metrics);
    }

    private static void Bind(ServiceMethodProviderContext<OtlpGrpcDoor> context, string service, OtlpSignal signal) => context.AddUnaryMethod(
        new Method<OtlpBody, byte[]>(MethodType.Unary, service, "Export", Request, Response), [], (door, request, call) => door.ExportAsync(signal, request, call));
}
