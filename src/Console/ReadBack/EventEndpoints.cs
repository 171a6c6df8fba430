using System.Text.Json;
using Handrail.Access;
using Handrail.Agents;
using Handrail.Health;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Http.Features;

namespace Handrail.ReadBack;

/// <summary>What changes for an agent, as server-sent events (WHATWG HTML, 9.2).</summary>
public static class EventEndpoints
{
    /// <summary>Proxies close what says nothing for a minute or half of one.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    private static readonly byte[] BeatLine = ": still here\n\n"u8.ToArray();

    /// <summary>How soon a client that lost the connection comes again, in milliseconds.</summary>
    private static readonly byte[] RetryLine = "retry: 2000\n\n"u8.ToArray();

    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/agents/{agent}/events", StreamAsync).RequireAuthorization(Doors.Agents).WithTags("Reading back")
            .WithSummary("Server-sent events policy, control, action and handoff; Last-Event-ID goes on from where a connection broke.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private static async Task StreamAsync(
        string agent, HttpContext context, AgentFeeds feeds, ReportPolicyHeld held, Hints hints, TimeProvider time, ControlHeaders headers, ConnectedClients clients,
        CancellationToken cancel)
    {
        Names.Check("agent", agent);
        using var connection = feeds.Connect(context.Caller());
        var heard = LastHeard(context.Request);
        var feed = await connection.OpenAsync(agent, null, heard, cancel);
        if (heard is { } last)
        {
            await held.HandleAsync(agent, last.Policy.ToString(), cancel);
        }

        await headers.WriteForAgentAsync(context, agent, cancel);
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel, connection.Ended, hints.Ending);
        clients.OnEvents(1);
        try
        {
            var body = context.Response.Body;
            await body.WriteAsync(RetryLine, over.Token);
            await body.FlushAsync(over.Token);
            var spoke = time.GetTimestamp();
            while (await feed.NextAsync(Beat, over.Token) is { } events)
            {
                if (events.Count == 0 && time.GetElapsedTime(spoke) < Beat)
                {
                    continue;
                }

                await body.WriteAsync(events.Count == 0 ? BeatLine : Written(events), over.Token);
                await body.FlushAsync(over.Token);
                spoke = time.GetTimestamp();
                await feed.DeliveredAsync(events);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The agent went, its key holds no more, or the process ends: nothing more is said, and with its last id the agent goes on elsewhere.
        }
        finally
        {
            clients.OnEvents(-1);
        }
    }

    /// <exception cref="Refusal">The id is none that an event had.</exception>
    private static FeedPosition? LastHeard(HttpRequest request)
    {
        string? id = request.Headers["Last-Event-ID"];
        return string.IsNullOrEmpty(id) ? null
            : FeedPosition.TryParse(id, out var position) ? position
            : throw Refusal.Invalid("Last-Event-ID", "is none that an event had; leave it out to be told how things stand.");
    }

    private static byte[] Written(IReadOnlyList<FeedEvent> events)
    {
        using var bytes = new MemoryStream();
        foreach (var one in events)
        {
            bytes.Write(System.Text.Encoding.UTF8.GetBytes($"id: {one.Position}\nevent: {one.Kind.Text()}\ndata: "));
            JsonSerializer.Serialize(bytes, one.Content, one.Content.GetType(), JsonText.Options);
            bytes.Write("\n\n"u8);
        }

        return bytes.ToArray();
    }
}
