using Handrail.Live;
using Handrail.ReadBack;

namespace Handrail.Health;

/// <summary>Who is connected to this process at this moment, by kind.</summary>
public sealed class ConnectedClients(Hints hints, AgentFeeds feeds)
{
    private int _hub;
    private int _events;
    private int _pages;

    /// <summary>Agents on the hub.</summary>
    public int Hub => _hub;

    /// <summary>Agents that read server-sent events.</summary>
    public int Events => _events;

    /// <summary>Calls that are held until something changes.</summary>
    public int LongPolls => hints.Polling + feeds.WaitingForPolicy;

    /// <summary>People's pages with a live connection.</summary>
    public int Pages => _pages;

    internal void OnHub(int more) => Interlocked.Add(ref _hub, more);

    internal void OnEvents(int more) => Interlocked.Add(ref _events, more);

    internal void OnPages(int more) => Interlocked.Add(ref _pages, more);
}
