using System.Net.ServerSentEvents;
using System.Text.Json;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.ReadBack;

/// <summary>One event as an agent reads it.</summary>
internal sealed record ReadEvent(string Kind, string Id, JsonElement Data);

/// <summary>An agent that listens to the event stream.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly IAsyncEnumerator<SseItem<string>> _items;
    private readonly CancellationTokenSource _patience = new(Eventually.Patience);

    private EventReader(HttpResponseMessage answer, Stream stream) =>
        (_answer, _items) = (answer, SseParser.Create(stream).EnumerateAsync(_patience.Token).GetAsyncEnumerator());

    /// <summary>The id of the last event that was read.</summary>
    public string? LastId { get; private set; }

    public static async Task<EventReader> OpenAsync(HttpClient client, string agent, string? lastId = null)
    {
        var answer = await AskAsync(client, agent, lastId);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync());
    }

    public static async Task<HttpResponseMessage> AskAsync(HttpClient client, string agent, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/agents/{agent}/events");
        if (lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The next event; null when the stream has ended.</summary>
    public async Task<ReadEvent?> NextAsync()
    {
        if (!await _items.MoveNextAsync())
        {
            return null;
        }

        LastId = _items.Current.EventId;
        return new ReadEvent(_items.Current.EventType, LastId!, JsonText.Element(_items.Current.Data)!.Value);
    }

    /// <summary>The next event, which is to be of this kind.</summary>
    public async Task<JsonElement> NextAsync(string kind)
    {
        var next = await NextAsync();
        Assert.Equal(kind, next?.Kind);
        return next!.Data;
    }

    public async ValueTask DisposeAsync()
    {
        await _patience.CancelAsync();
        _answer.Dispose();
        _patience.Dispose();
    }
}
