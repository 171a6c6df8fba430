using System.Text.Json;
using Handrail.Access;
using Handrail.Store;
using Microsoft.AspNetCore.Diagnostics;

namespace Handrail.Shell;

/// <summary>Every error as <c>application/problem+json</c> (RFC 9457), in words the caller can act on and with nothing of our insides.</summary>
public sealed class Problems(RefusedKeys refused, ILogger<Problems> log) : IExceptionHandler
{
    private const string ContentType = "application/problem+json";

    /// <summary>What a caller waits before trying again when the database is away or full.</summary>
    private static readonly TimeSpan StorageRetry = TimeSpan.FromSeconds(2);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        switch (exception)
        {
            case Refusal refusal:
                if (refusal.Kind == RefusalKind.NotAllowed)
                {
                    await refused.NoteAsync(httpContext, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint, refusal.Message);
                }

                await WriteAsync(httpContext, Status(refusal.Kind), refusal.Message, refusal.Errors, refusal.State, refusal.RetryAfter);
                return true;
            case BadHttpRequestException bad:
                await WriteAsync(httpContext, bad.StatusCode, bad.Message);
                return true;
            case OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested:
                httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                return true;
            case { } when StorageFault.Is(exception):
                log.LogError(exception, "The database did not take a request");

                // It may have, and its answer be lost: only the same request again brings certainty.
                await WriteAsync(httpContext, StatusCodes.Status503ServiceUnavailable, "The database can't be reached, is slow or full; send this again.", retryAfter: StorageRetry);
                return true;
            default:
                log.LogError(exception, "A request failed");
                await WriteAsync(httpContext, StatusCodes.Status500InternalServerError, "The console failed on this request; its log says why.");
                return true;
        }
    }

    public static int Status(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCodes.Status400BadRequest,
        RefusalKind.Unknown => StatusCodes.Status401Unauthorized,
        RefusalKind.NotAllowed => StatusCodes.Status403Forbidden,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict or RefusalKind.Held => StatusCodes.Status409Conflict,
        RefusalKind.Stale => StatusCodes.Status412PreconditionFailed,
        RefusalKind.PreconditionMissing => StatusCodes.Status428PreconditionRequired,
        RefusalKind.TooMany => StatusCodes.Status429TooManyRequests,
        RefusalKind.Unprocessable => StatusCodes.Status422UnprocessableEntity,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    /// <summary>Writes one problem; <paramref name="state"/> is the thing as it now is, under <c>current</c>.</summary>
    public static async Task WriteAsync(
        HttpContext context, int status, string detail, IReadOnlyDictionary<string, string[]>? errors = null, object? state = null, TimeSpan? retryAfter = null)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (retryAfter is { } delay)
        {
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(delay.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var problem = new Dictionary<string, object?>
        {
            ["type"] = "about:blank",
            ["title"] = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["detail"] = detail,
        };
        if (errors is { Count: > 0 })
        {
            problem["errors"] = errors;
        }

        if (state is not null)
        {
            problem["current"] = state;
        }

        // Not cancelled with the request: to whom has gone it is written into nothing, and that is no error of the error's answer.
        await JsonSerializer.SerializeAsync(response.Body, problem, JsonText.Options, CancellationToken.None);
    }
}
