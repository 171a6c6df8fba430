namespace Handrail.Access;

/// <summary>What every answer forbids browsers, and what of the web may open a circuit.</summary>
public static class SecurityHeaders
{
    /// <summary>No inline script, no foreign origin. MudBlazor sets styles on elements, which takes inline styles.</summary>
    private const string Content =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this WebApplication app) => app.Use(async (context, next) =>
    {
        // As the answer starts: what is set before would be gone from an answer that turns out to be an error.
        context.Response.OnStarting(() =>
        {
            Set(context.Response.Headers);
            return Task.CompletedTask;
        });
        if (IsForeign(context.Request))
        {
            // A page elsewhere could otherwise open a circuit or a hub with the person's cookie.
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        await next();
    });

    private static void Set(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Content;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private static bool IsForeign(HttpRequest request)
    {
        if (!request.Path.StartsWithSegments("/_blazor") && !request.Path.StartsWithSegments("/hubs"))
        {
            return false;
        }

        string? origin = request.Headers.Origin;
        return origin is not null && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
