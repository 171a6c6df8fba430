using Grpc.Core;
using Handrail.Access;
using Handrail.Ingest;
using Handrail.Telemetry;
using Microsoft.AspNetCore.Authentication;

namespace Handrail.Sessions.Otlp;

/// <summary>OTLP over gRPC: the collector's three services with their one method, over bytes as they are on the wire.</summary>
internal sealed class OtlpGrpcDoor(OtlpIntake intake, IngestAdmission admission)
{
    public async Task<byte[]> ExportAsync(OtlpSignal signal, byte[] request, ServerCallContext call)
    {
        var context = call.GetHttpContext();
        if (!(await context.AuthenticateAsync(SecretAuthentication.SchemeName)).Succeeded)
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "An agent key that is valid is needed, in 'authorization' or 'x-api-key'."));
        }

        try
        {
            var caller = context.Caller();
            caller.Demand(Permission.ActAsAgent);
            using var place = admission.Enter();
            place.AddBytes(request.Length);
            var outcome = await intake.TakeAsync(caller, signal, request, json: false, call.CancellationToken);
            ControlHeaders.Write(context, outcome.Receipt);
            return OtlpResponses.ExportProtobuf(outcome.Rejected, outcome.Reason);
        }
        catch (OtlpFormatException e)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
        catch (Refusal refusal) when (refusal.Kind == RefusalKind.Busy)
        {
            // Tells exporters that, and when, trying again can help.
            var details = OtlpResponses.StatusProtobuf((int)StatusCode.Unavailable, refusal.Message, refusal.RetryAfter);
            throw new RpcException(new Status(StatusCode.Unavailable, refusal.Message), new Metadata { { "grpc-status-details-bin", details } });
        }
        catch (Refusal refusal)
        {
            throw new RpcException(new Status(refusal.Kind == RefusalKind.Unknown ? StatusCode.Unauthenticated : StatusCode.PermissionDenied, refusal.Message));
        }
    }
}
