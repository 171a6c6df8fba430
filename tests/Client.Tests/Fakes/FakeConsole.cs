using System.Net;
using System.Text;
using Handrail.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Client.Tests.Fakes;

/// <summary>A console over real HTTP that plays its part well until a test scripts a fault. It keeps every request.</summary>
internal sealed class FakeConsole : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Taken> _taken = [];
    private readonly List<(Func<Taken, bool> Match, TaskCompletionSource<Taken> Seen)> _awaited = [];
    private readonly List<(Func<Taken, bool> Match, Reply Reply)> _once = [];
    private readonly List<(Func<Taken, bool> Match, Func<Taken, Reply?> Answer)> _always = [];
    private readonly CancellationTokenSource _closing = new();
    private WebApplication? _app;

    public FakeDesk Desk { get; } = new();

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public IReadOnlyList<Taken> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _taken];
            }
        }
    }

    public static async Task<FakeConsole> StartAsync(string url = "http://127.0.0.1:0")
    {
        var console = new FakeConsole();
        await console.ListenAsync(url);
        return console;
    }

    /// <summary>Down and up again on the same port; what the desk knows is kept.</summary>
    public async Task RestartAsync(Func<Task> whileDown)
    {
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        await whileDown();
        await ListenAsync(Address.ToString());
    }

    public IReadOnlyList<Taken> To(string method, string pathEnd) => [.. Requests.Where(request => request.Is(method, pathEnd))];

    /// <summary>Answers the next matching request this way, in the order in which these are given.</summary>
    public void Once(string method, string pathEnd, params Reply[] replies)
    {
        lock (_lock)
        {
            _once.AddRange(replies.Select(reply => ((Func<Taken, bool>)(request => request.Is(method, pathEnd)), reply)));
        }
    }

    public void Always(string method, string pathEnd, Func<Taken, Reply?> answer)
    {
        lock (_lock)
        {
            _always.Add((request => request.Is(method, pathEnd), answer));
        }
    }

    /// <summary>A matching request, as soon as there is one.</summary>
    public async Task<Taken> TakenAsync(Func<Taken, bool> match)
    {
        TaskCompletionSource<Taken> seen;
        lock (_lock)
        {
            if (_taken.FirstOrDefault(match) is { } already)
            {
                return already;
            }

            seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((match, seen));
        }

        return await seen.Task.WaitAsync(Eventually.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _closing.Dispose();
    }

    private async Task ListenAsync(string url)
    {
        // Empty: the real console's settings lie beside the tests and are not for this one.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Address = new Uri(addresses.Addresses.First());
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _closing.Token);
        var taken = await ReadAsync(http);
        Note(taken);
        Reply reply;
        try
        {
            reply = Scripted(taken) ?? await Desk.AnswerAsync(taken, either.Token);
            await reply.After.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            http.Abort();
            return;
        }

        if (reply.Drop)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            http.Response.Headers[name] = value;
        }

        if (reply.Status is not (int)HttpStatusCode.NotModified)
        {
            http.Response.ContentType = reply.ContentType;
            await http.Response.WriteAsync(reply.Body);
        }
    }

    private static async Task<Taken> ReadAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var headers = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        return new Taken(http.Request.Method, http.Request.Path.Value!, http.Request.QueryString.Value!, body, headers);
    }

    private Reply? Scripted(Taken taken)
    {
        lock (_lock)
        {
            var next = _once.FindIndex(script => script.Match(taken));
            if (next >= 0)
            {
                var reply = _once[next].Reply;
                _once.RemoveAt(next);
                return reply;
            }

            return _always.Where(script => script.Match(taken)).Select(script => script.Answer(taken)).FirstOrDefault(reply => reply is not null);
        }
    }

    private void Note(Taken taken)
    {
        lock (_lock)
        {
            _taken.Add(taken);
            foreach (var waiter in _awaited.Where(waiter => waiter.Match(taken)).ToList())
            {
                _awaited.Remove(waiter);
                waiter.Seen.TrySetResult(taken);
            }
        }
    }
}
