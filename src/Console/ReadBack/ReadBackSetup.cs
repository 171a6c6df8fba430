using Handrail.Access;
using Handrail.Store;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace Handrail.ReadBack;

/// <summary>How agents hear of what changes while it changes: events, the hub, and what reviewers wrote.</summary>
public static class ReadBackSetup
{
    public const string Hub = "/hubs/agents";

    /// <summary>A subscription with the most session ids that one may name.</summary>
    private const int LongestMessage = 256 * 1024;

    public static void AddReadBack(this IServiceCollection services)
    {
        services.AddSingleton<AgentFeeds>().AddHostedService(s => s.GetRequiredService<AgentFeeds>());
        services.AddSingleton<PolicyLooks>().AddSingleton<PolicyReadBack>().AddSingleton<FeedbackQueries>().AddSingleton<HubFeeds>().AddSingleton<HubLimits>();
        services.AddSignalR().AddJsonProtocol(json =>
        {
            json.PayloadSerializerOptions = JsonText.Options;
        }).AddHubOptions<AgentsHub>(hub =>
        {
            hub.SupportedProtocols = ["json"];
            hub.MaximumReceiveMessageSize = LongestMessage;
            hub.EnableDetailedErrors = false;
            hub.AddFilter<HubLimits>();
        });
    }

    public static void MapReadBack(this WebApplication app)
    {
        app.MapEvents();
        app.MapFeedback();
        app.MapHub<AgentsHub>(Hub, options =>
        {
            // Half open connections are found by SignalR's own beat. Compression stays off: secrets and hostile text share the stream.
            options.Transports = HttpTransportType.WebSockets | HttpTransportType.ServerSentEvents | HttpTransportType.LongPolling;
            options.TransportMaxBufferSize = options.ApplicationMaxBufferSize = LongestMessage;
        }).RequireAuthorization(Doors.Agents);
    }
}
