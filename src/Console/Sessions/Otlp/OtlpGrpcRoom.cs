using System.Globalization;
using Grpc.Core;
using Handrail.Access;
using Handrail.Ingest;
using Microsoft.AspNetCore.Authentication;

namespace Handrail.Sessions.Otlp;

/// <summary>Asks whether there is room for a gRPC request before the library reads it: refused afterwards it has cost already what it is refused for.</summary>
internal static class OtlpGrpcRoom
{
    private static readonly object Key = new();

    public static void AskForRoom(this IEndpointConventionBuilder endpoints) => endpoints.Add(endpoint =>
    {
        var read = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context => HandleAsync(context, read);
    });

    /// <summary>What the request of a caller who is known holds.</summary>
    public static IngestAdmission.Place Place(HttpContext context) => (IngestAdmission.Place)context.Items[Key]!;

    private static async Task HandleAsync(HttpContext context, RequestDelegate read)
    {
        if (!(await context.AuthenticateAsync(SecretAuthentication.SchemeName)).Succeeded)
        {
            // The door says so, in gRPC's own words.
            await read(context);
            return;
        }

        using var place = context.RequestServices.GetRequiredService<IngestAdmission>().Enter(context.Caller());
        try
        {
            place.Expect();
        }
        catch (Refusal refusal)
        {
            context.RequestServices.GetRequiredService<RejectedRecords>().Request(context.Caller(), RefusalReasons.Of(refusal));
            Refuse(context.Response, refusal);
            return;
        }

        context.Items[Key] = place;
        await read(context);
    }

    /// <summary>An answer of headers alone, which in gRPC ends the call.</summary>
    private static void Refuse(HttpResponse response, Refusal refusal)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)StatusCode.Unavailable).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Message);
        response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(OtlpGrpcDoor.Details(refusal));
    }
}
