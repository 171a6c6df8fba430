using Microsoft.AspNetCore.Http.Metadata;

namespace Handrail.Shell;

/// <summary>
/// Marks doors that refuse in the words of their own protocol, OTLP's: who calls and how large a body may be they ask themselves.
/// </summary>
public sealed class RefusesInItsOwnWords;

/// <summary>
/// How large a request's body may be, at every door: 4 MiB, unless the door says otherwise (<see cref="IRequestSizeLimitMetadata"/>). What says that it is larger is
/// refused before anything of it is read, also where no body is looked for; what says nothing, by the server as soon as it is.
/// </summary>
public static class BodyLimits
{
    /// <summary>In bytes. Far more than any call of the API needs, and little enough that a thousand at once fit into memory.</summary>
    public const int Most = 4 * 1024 * 1024;

    /// <summary>
    /// In bytes, of one connection: what the server takes from it before anybody reads. Of the server's own mebibyte a thousand senders that are all refused would fill a gibibyte with
    /// bodies that nobody looks at.
    /// </summary>
    private const int MostUnread = 128 * 1024;

    public static void AddBodyLimits(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.Limits.MaxRequestBodySize = Most;
        kestrel.Limits.MaxRequestBufferSize = MostUnread;
    });

    public static void UseBodyLimits(this WebApplication app) => app.Use((context, next) =>
    {
        var door = context.GetEndpoint()?.Metadata;
        var most = door?.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? Most;
        return context.Request.ContentLength > most && door?.GetMetadata<RefusesInItsOwnWords>() is null
            ? Problems.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, $"The body is larger than {most} bytes.")
            : next(context);
    });
}
