using Microsoft.AspNetCore.SignalR;

namespace Handrail.ReadBack;

/// <summary>
/// Sends what there is to tell to those connected by hub. The next is read only once the last was taken: a slow reader gets the latest
/// state, and nothing heaps up for it.
/// </summary>
public sealed class HubFeeds(IHubContext<AgentsHub> hub, ILogger<HubFeeds> log)
{
    /// <summary>How long a connection of which nothing is heard stays where it is: then it goes on to what all have seen.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    /// <summary>Runs until the connection ends, or another subscription takes this one's place.</summary>
    public void Start(string connectionId, FeedConnection connection, AgentFeed feed) => _ = RunAsync(hub.Clients.Client(connectionId), connection, feed);

    private async Task RunAsync(ISingleClientProxy client, FeedConnection connection, AgentFeed feed)
    {
        try
        {
            while (await feed.NextAsync(Wait, connection.Ended) is { } events)
            {
                foreach (var one in events)
                {
                    await client.SendAsync(Method(one.Kind), one.Content, connection.Ended);
                }

                await feed.DeliveredAsync(events);
            }
        }
        catch (OperationCanceledException) when (connection.Ended.IsCancellationRequested)
        {
            // It has ended.
        }
        catch (Exception e)
        {
            // Nobody waits for this task: the agent must see that it hears nothing more, and connect again.
            log.LogError(e, "An agent's subscription failed; its connection is closed");
            connection.End();
        }
    }

    private static string Method(FeedEventKind kind) => kind switch
    {
        FeedEventKind.Policy => "PolicyChanged",
        FeedEventKind.Control => "Control",
        FeedEventKind.Action => "ActionDecided",
        _ => "HandoffAnswered",
    };
}
