using System.Globalization;
using Grpc.Core;
using Handrail.Access;
using Handrail.Ingest;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Net.Http.Headers;

namespace Handrail.Sessions.Otlp;

/// <summary>OTLP over HTTP, in both encodings; every answer is in the request's own.</summary>
internal sealed class OtlpHttpDoor(OtlpIntake intake, IngestAdmission admission, IngestSettings settings, RejectedRecords rejected, ILogger<OtlpHttpDoor> log)
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    public async Task HandleAsync(HttpContext context, OtlpSignal signal)
    {
        var json = IsJson(context.Request.ContentType);
        try
        {
            var caller = await CallerAsync(context);
            if (json is null || (json is false && signal == OtlpSignal.AgentsSdk))
            {
                throw new OtlpRefusal(StatusCodes.Status415UnsupportedMediaType, $"The content type must be {Protobuf} or {Json}.");
            }

            using var place = admission.Enter(caller);
            place.Expect();
            var body = await OtlpBody.ReadAsync(context.Request, place, settings.MaxBodyBytes, context.RequestAborted);
            place.Keep(body);
            string? userAgent = context.Request.Headers.UserAgent;
            var outcome = await place.WaitAsync(givenUp => intake.TakeAsync(caller, place, signal, body.Content, json.Value, userAgent, givenUp), context.RequestAborted);
            ControlHeaders.Write(context, outcome.Receipt);
            await AnswerAsync(
                context, StatusCodes.Status200OK, json.Value,
                json.Value ? OtlpResponses.ExportJson(outcome.Rejected, outcome.Reason, signal) : OtlpResponses.ExportProtobuf(outcome.Rejected, outcome.Reason));
        }
        catch (OtlpRefusal refusal)
        {
            await RefuseAsync(context, refusal.Status, json, refusal.Message, null);
        }
        catch (OtlpFormatException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, json, e.Message, null);
        }
        catch (Refusal refusal)
        {
            await RefuseAsync(context, StatusOf(refusal.Kind), json, refusal.Message, refusal.RetryAfter);
        }
        catch (BadHttpRequestException bad)
        {
            await RefuseAsync(context, bad.StatusCode, json, "The body ends before the length that its header names, or is not sent as HTTP asks.", null);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            log.LogError(e, "The database did not take telemetry; its sender is told to try again");
            var away = IngestFailure.Away();
            await RefuseAsync(context, StatusOf(away.Kind), json, away.Message, away.RetryAfter);
        }
    }

    private static async Task<Caller> CallerAsync(HttpContext context)
    {
        var known = await context.AuthenticateAsync(SecretAuthentication.SchemeName);
        if (known.Failure is Refusal refused)
        {
            throw refused;
        }

        if (!known.Succeeded)
        {
            throw new OtlpRefusal(StatusCodes.Status401Unauthorized, "An agent key that is valid is needed, as 'Authorization: Bearer …' or 'x-api-key'.");
        }

        var caller = context.Caller();
        caller.Demand(Permission.ActAsAgent);
        return caller;
    }

    /// <summary>Null for a type that is neither.</summary>
    private static bool? IsJson(string? contentType) =>
        !MediaTypeHeaderValue.TryParse(contentType, out var type) ? null
        : type.MediaType.Equals(Protobuf, StringComparison.OrdinalIgnoreCase) ? false
        : type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) ? true
        : null;

    private Task RefuseAsync(HttpContext context, int status, bool? json, string message, TimeSpan? retryAfter)
    {
        rejected.Request(context.CallerOrNull(), Reason(status));
        if (retryAfter is { } delay)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        // A sender of neither type reads JSON most likely.
        var code = (int)Code(status);
        return AnswerAsync(context, status, json ?? true, json ?? true ? OtlpResponses.StatusJson(code, message) : OtlpResponses.StatusProtobuf(code, message, retryAfter));
    }

    private static string Reason(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => RefusalReasons.NoKey,
        StatusCodes.Status403Forbidden => RefusalReasons.NotAllowed,
        StatusCodes.Status413PayloadTooLarge => RefusalReasons.TooLarge,
        StatusCodes.Status415UnsupportedMediaType => RefusalReasons.WrongType,
        StatusCodes.Status429TooManyRequests => RefusalReasons.TooMuch,
        StatusCodes.Status503ServiceUnavailable => RefusalReasons.Busy,
        _ => RefusalReasons.Unreadable,
    };

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Busy => StatusCodes.Status503ServiceUnavailable,
        RefusalKind.TooMany => StatusCodes.Status429TooManyRequests,
        RefusalKind.Unknown => StatusCodes.Status401Unauthorized,
        _ => StatusCodes.Status403Forbidden,
    };

    private static StatusCode Code(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => StatusCode.Unauthenticated,
        StatusCodes.Status403Forbidden => StatusCode.PermissionDenied,
        StatusCodes.Status413PayloadTooLarge => StatusCode.ResourceExhausted,
        StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable => StatusCode.Unavailable,
        _ => StatusCode.InvalidArgument,
    };

    private static async Task AnswerAsync(HttpContext context, int status, bool json, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = json ? Json : Protobuf;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
