using Handrail.Access;
using Handrail.Agents;
using Handrail.Health;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.SignalR;

namespace Handrail.ReadBack;

/// <summary>
/// The hub that agents connect to with their key. They call <see cref="Subscribe"/> and <see cref="HoldPolicy"/>; the console calls
/// <c>PolicyChanged</c>, <c>Control</c>, <c>ActionDecided</c> and <c>HandoffAnswered</c>, with what the same question over HTTP would be answered.
/// </summary>
public sealed class AgentsHub(AgentFeeds feeds, ReportPolicyHeld held, HubFeeds pumps, ConnectedClients clients) : Hub
{
    private static readonly object Key = new();

    public override async Task OnConnectedAsync()
    {
        var connection = Answer(() => feeds.Connect(Context.GetHttpContext()!.Caller()));
        Context.Items[Key] = connection;
        clients.OnHub(1);
        var context = Context;
        connection.Ended.Register(context.Abort);
        await base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items[Key] is FeedConnection connection)
        {
            clients.OnHub(-1);
            connection.Dispose();
        }

        return base.OnDisconnectedAsync(exception);
    }

    /// <summary>Tells how things stand and from then on what changes; in place of what was subscribed for this agent before.</summary>
    /// <param name="sessionIds">The sessions to hear of; null or empty for all of the agent's.</param>
    /// <exception cref="HubException">The key may not act for the agent, or may not know of a session.</exception>
    public async Task Subscribe(string agent, IReadOnlyList<string>? sessionIds)
    {
        var connection = (FeedConnection)Context.Items[Key]!;
        var feed = await AnswerAsync(() =>
        {
            Names.Check("agent", agent ?? "");
            return connection.OpenAsync(agent!, sessionIds is { Count: > 0 } ? sessionIds : null, null, Context.ConnectionAborted);
        });
        pumps.Start(Context.ConnectionId, connection, feed);
    }

    /// <summary>Says which policy version the agent goes by from now on, for the Agents page.</summary>
    /// <exception cref="HubException">The agent was not subscribed on this connection, or that is no version.</exception>
    public Task HoldPolicy(string agent, string version) => AnswerAsync(async () =>
    {
        var connection = (FeedConnection)Context.Items[Key]!;
        if (!connection.Hears(agent ?? ""))
        {
            throw Refusal.NotFound($"subscription for agent '{agent}' on this connection");
        }

        if (!FeedPosition.TryParse($"{version}-0-0", out _))
        {
            throw Refusal.Invalid("version", "must be a policy version, such as 3.17.");
        }

        await held.HandleAsync(agent!, version, Context.ConnectionAborted);
        return true;
    });

    private static T Answer<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Refusal refusal)
        {
            throw new HubException(refusal.Message);
        }
    }

    private static async Task<T> AnswerAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Refusal refusal)
        {
            throw new HubException(refusal.Message);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw new HubException("The database can't be reached, is slow or full; send this again.");
        }
    }
}
