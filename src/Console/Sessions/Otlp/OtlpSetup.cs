using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Handrail.Access;
using Handrail.Ingest;
using Handrail.Shell;
using Handrail.Telemetry;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Handrail.Sessions.Otlp;

/// <summary>The doors that telemetry comes in by.</summary>
internal static class OtlpSetup
{
    public static void AddOtlp(this WebApplicationBuilder builder)
    {
        builder.AddOtlpPorts();
        builder.Services.AddSingleton<OtlpIntake>().AddSingleton<OtlpHttpDoor>().AddSingleton<OtlpGrpcDoor>();
        builder.Services.AddGrpc();

        // The library logs every frame that is none as an error, and any sender may send a million; what fails behind the door is logged by the door.
        builder.Logging.AddFilter("Grpc.AspNetCore.Server", LogLevel.None);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<OtlpGrpcDoor>, OtlpGrpcMethods>());
        builder.Services.AddSingleton<IConfigureOptions<GrpcServiceOptions<OtlpGrpcDoor>>>(services =>
            new ConfigureOptions<GrpcServiceOptions<OtlpGrpcDoor>>(options =>
            {
                var most = services.GetRequiredService<IngestSettings>().MaxBodyBytes;
                options.MaxReceiveMessageSize = most;
                options.CompressionProviders = BoundedCompression.All(most);
            }));
    }

    public static void MapOtlp(this IEndpointRouteBuilder routes)
    {
        var most = routes.ServiceProvider.GetRequiredService<IngestSettings>().MaxBodyBytes;

        // Who calls is asked by the doors themselves: a refusal must be in OTLP's own words, too.
        Map(routes, "/v1/traces", OtlpSignal.Traces, most);
        Map(routes, "/api/public/otel/v1/traces", OtlpSignal.Traces, most);
        Map(routes, "/v1/traces/ingest", OtlpSignal.AgentsSdk, most);
        Map(routes, "/v1/logs", OtlpSignal.Logs, most);
        Map(routes, "/v1/metrics", OtlpSignal.Metrics, most);

        // The message's own limit is the library's; its frame has five bytes more.
        routes.MapGrpcService<OtlpGrpcDoor>().AllowAnonymous().WithMetadata(new KeyCheckedWithTheDeed(), new RefusesInItsOwnWords(), new RequestSizeLimitAttribute(most + 1_024L))
            .AskForRoom();
    }

    private static void Map(IEndpointRouteBuilder routes, string path, OtlpSignal signal, int most) =>
        routes.MapPost(path, (HttpContext context, OtlpHttpDoor door) => door.HandleAsync(context, signal)).AllowAnonymous().DisableAntiforgery()
            .WithMetadata(new KeyCheckedWithTheDeed(), new RefusesInItsOwnWords(), new RequestSizeLimitAttribute(most)).ExcludeFromDescription();
}
