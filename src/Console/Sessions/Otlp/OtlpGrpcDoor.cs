using Grpc.Core;
using Handrail.Access;
using Handrail.Ingest;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.AspNetCore.Authentication;

namespace Handrail.Sessions.Otlp;

/// <summary>OTLP over gRPC: the collector's three services with their one method, over bytes as they are on the wire.</summary>
internal sealed class OtlpGrpcDoor(OtlpIntake intake, RejectedRecords rejected, ILogger<OtlpGrpcDoor> log)
{
    public async Task<byte[]> ExportAsync(OtlpSignal signal, OtlpBody request, ServerCallContext call)
    {
        var context = call.GetHttpContext();
        try
        {
            var known = await context.AuthenticateAsync(SecretAuthentication.SchemeName);
            if (known.Failure is Refusal refused)
            {
                throw refused;
            }

            if (!known.Succeeded)
            {
                rejected.Request(null, RefusalReasons.NoKey);
                throw new RpcException(new Status(StatusCode.Unauthenticated, "An agent key that is valid is needed, in 'authorization' or 'x-api-key'."));
            }

            var caller = context.Caller();
            caller.Demand(Permission.ActAsAgent);
            var place = OtlpGrpcRoom.Place(context);
            place.Keep(request);
            place.AddBytes(request.Content.Length);
            var outcome = await place.WaitAsync(givenUp => intake.TakeAsync(caller, place, signal, request.Content, json: false, userAgent: null, givenUp), call.CancellationToken);
            ControlHeaders.Write(context, outcome.Receipt);
            return OtlpResponses.ExportProtobuf(outcome.Rejected, outcome.Reason);
        }
        catch (OtlpFormatException e)
        {
            rejected.Request(context.CallerOrNull(), RefusalReasons.Unreadable);
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
        catch (Refusal refusal) when (refusal.Kind is RefusalKind.Busy or RefusalKind.TooMany)
        {
            rejected.Request(context.CallerOrNull(), RefusalReasons.Of(refusal));
            throw TryAgain(refusal);
        }
        catch (Refusal refusal)
        {
            rejected.Request(context.CallerOrNull(), refusal.Kind == RefusalKind.Unknown ? RefusalReasons.NoKey : RefusalReasons.NotAllowed);
            throw new RpcException(new Status(refusal.Kind == RefusalKind.Unknown ? StatusCode.Unauthenticated : StatusCode.PermissionDenied, refusal.Message));
        }
        catch (Exception e) when (e is not RpcException && StorageFault.Is(e))
        {
            log.LogError(e, "The database did not take telemetry; its sender is told to try again");
            rejected.Request(context.CallerOrNull(), RefusalReasons.Busy);
            throw TryAgain(IngestFailure.Away());
        }
        catch (Exception e) when (e is not (RpcException or OperationCanceledException))
        {
            log.LogError(e, "A request failed");
            throw new RpcException(new Status(StatusCode.Internal, "The console failed on this request; its log says why."));
        }
    }

    /// <summary>Tells exporters that, and when, trying again can help.</summary>
    private static RpcException TryAgain(Refusal refusal) =>
        new(new Status(StatusCode.Unavailable, refusal.Message), new Metadata { { "grpc-status-details-bin", Details(refusal) } });

    /// <summary>When trying again can help, as gRPC's details of a status say it.</summary>
    internal static byte[] Details(Refusal refusal) => OtlpResponses.StatusProtobuf((int)StatusCode.Unavailable, refusal.Message, refusal.RetryAfter);
}
