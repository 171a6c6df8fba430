using System.Text.Json;
using System.Threading.Channels;
using Handrail.Testing;
using Microsoft.AspNetCore.SignalR.Client;

namespace Handrail.ReadBack;

/// <summary>An agent that is connected by hub, with the client that agents in .NET use.</summary>
internal sealed class HubListener : IAsyncDisposable
{
    private readonly Channel<(string Method, JsonElement Content)> _heard = Channel.CreateUnbounded<(string, JsonElement)>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HubListener(HubConnection connection) => Connection = connection;

    public HubConnection Connection { get; }

    /// <summary>Done once the server has ended the connection.</summary>
    public Task Closed => _closed.Task.WaitAsync(Eventually.Patience);

    public static async Task<HubListener> ConnectAsync(Uri console, string? key, bool inQuery = false)
    {
        var address = new Uri(console, "/hubs/agents" + (inQuery ? $"?access_token={key}" : ""));
        var listener = new HubListener(new HubConnectionBuilder().WithUrl(address, options =>
        {
            if (!inQuery && key is not null)
            {
                options.Headers["x-api-key"] = key;
            }
        }).Build());
        foreach (var method in new[] { "PolicyChanged", "Control", "ActionDecided", "HandoffAnswered" })
        {
            listener.Connection.On<JsonElement>(method, content => listener._heard.Writer.TryWrite((method, content)));
        }

        listener.Connection.Closed += _ =>
        {
            listener._closed.TrySetResult();
            return Task.CompletedTask;
        };
        await listener.Connection.StartAsync();
        return listener;
    }

    public Task SubscribeAsync(string agent, params string[] sessions) => Connection.InvokeAsync("Subscribe", agent, sessions);

    /// <summary>What is called next, which is to be this method.</summary>
    public async Task<JsonElement> NextAsync(string method)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var next = await _heard.Reader.ReadAsync(patience.Token);
        Assert.Equal(method, next.Method);
        return next.Content;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
