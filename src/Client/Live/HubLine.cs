using System.Collections.Concurrent;
using System.Text.Json;
using Handrail.Client.Wire;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Live;

/// <summary>
/// One connection to the console's hub for all that this client waits for. What it hears are hints: they ring bells, and whoever wakes asks the console. While it
/// is down, or does not speak of a session yet, the calls that the console holds do the same; it goes on trying to come back.
/// </summary>
internal sealed class HubLine(
    HandrailClientOptions options, ConsoleConnection connection, Func<JsonElement, string?> policyHeard, Action<string?, string?> tighten) : IAsyncDisposable
{
    /// <summary>Rung when what is heard of the policy is to be read again.</summary>
    public const string Policy = "policy";

    /// <summary>With more sessions than this the line hears of all that the agent has: naming each anew whenever one begins would cost more.</summary>
    private const int MostNamed = 32;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Sessions that begin together are named together.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    /// <summary>A console without a hub, or a proxy that lets none through, is not asked all the time.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(30);
    private const int PatientFrom = 5;

    private readonly ConcurrentDictionary<string, Bell> _bells = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _wanted = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly Bell _changed = new();
    private readonly Lock _lock = new();
    private volatile Covered? _covered;
    private Task? _running;

    /// <summary>The console tells of the agent on this line.</summary>
    public bool IsLive => _covered is not null;

    /// <summary>What concerns one action.</summary>
    public static string Action(string sessionId, string actionId) => $"action\n{sessionId}\n{actionId}";

    /// <summary>What concerns one question to a person.</summary>
    public static string Handoff(string handoffId) => $"handoff\n{handoffId}";

    /// <summary>The orders to one session.</summary>
    public static string Control(string sessionId) => $"control\n{sessionId}";

    /// <summary>The console tells of this session on this line.</summary>
    public bool Covers(string sessionId) => _covered is { } covered && (covered.All || covered.Sessions.Contains(sessionId));

    /// <summary>The bell that rings for a subject, and whenever the line comes up or goes down.</summary>
    public Bell Listen(string subject) => _bells.GetOrAdd(subject, _ => new Bell());

    public void Leave(string subject) => _bells.TryRemove(subject, out _);

    /// <summary>Hears of a session, which the console knows already, and connects with the first.</summary>
    public void Add(string sessionId)
    {
        _wanted[sessionId] = 0;
        _changed.Ring();
        Start();
    }

    public void Remove(string sessionId) => _wanted.TryRemove(sessionId, out _);

    /// <summary>Connects, and from then on stays connected as well as it can.</summary>
    public void Start()
    {
        if (options.UseHub)
        {
            lock (_lock)
            {
                _running ??= _closing.IsCancellationRequested ? Task.CompletedTask : Task.Run(() => RunAsync(_closing.Token), CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task running;
        lock (_lock)
        {
            running = _running ??= Task.CompletedTask;
        }

        await running.ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; !cancellationToken.IsCancellationRequested; failures++)
        {
            var wasLive = false;
            try
            {
                var hub = Build();
                await using (hub.ConfigureAwait(false))
                {
                    wasLive = await ServeAsync(hub, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The client is closed.
            }
#pragma warning disable CA1031 // Whatever the line dies of, the calls that the console holds take its place.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                if (failures == 0)
                {
                    options.Logger.LogInformation("No line to the console's hub ({Problem}); asking by calls that it holds", problem.Message);
                }
            }
            finally
            {
                wasLive |= _covered is not null;
                _covered = null;
                RingAll();
            }

            failures = wasLive ? 0 : failures;
            await connection.PauseAsync(failures, failures >= PatientFrom ? LongPause : null, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether the console told of anything.</returns>
    private async Task<bool> ServeAsync(HubConnection hub, CancellationToken cancellationToken)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        using (var patience = new CancellationTokenSource(StartTimeout))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken))
        {
            await hub.StartAsync(either.Token).ConfigureAwait(false);
        }

        while (!closed.Task.IsCompleted)
        {
            var covered = await SubscribeAsync(hub, cancellationToken).ConfigureAwait(false);
            if (_covered is null)
            {
                options.Logger.LogInformation("The console's hub tells what is new");
            }

            _covered = covered;
            RingAll();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(closed.Task, _changed.WaitAsync(Timeout.InfiniteTimeSpan, connection.Clock, over.Token)).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(Gather, connection.Clock, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private async Task<Covered> SubscribeAsync(HubConnection hub, CancellationToken cancellationToken)
    {
        var wanted = _wanted.Keys.ToHashSet(StringComparer.Ordinal);
        if (wanted.Count is > 0 and <= MostNamed)
        {
            try
            {
                await hub.InvokeAsync("Subscribe", options.Agent, wanted.ToArray(), cancellationToken).ConfigureAwait(false);
                return new Covered(wanted, All: false);
            }
            catch (HubException refused)
            {
                options.Logger.LogWarning("The console does not tell of single sessions ({Reason}); hearing of all that the agent has", refused.Message);
            }
        }

        await hub.InvokeAsync("Subscribe", options.Agent, Array.Empty<string>(), cancellationToken).ConfigureAwait(false);
        return new Covered(wanted, All: true);
    }

    private HubConnection Build()
    {
        var hub = new HubConnectionBuilder().WithUrl(connection.Root + "/hubs/agents", http =>
        {
            http.Headers["x-api-key"] = options.ApiKey;

            // The third way of SignalR is no better than the calls that the console holds anyway.
            http.Transports = HttpTransportType.WebSockets | HttpTransportType.ServerSentEvents;
            if (options.MessageHandler is { } handler)
            {
                http.Transports = HttpTransportType.ServerSentEvents;
                http.HttpMessageHandlerFactory = _ => new Lent(handler);
            }
            else
            {
                // Whoever redirects is not the console, and is not given its key. Cookies stay: by them a proxy finds the same console again.
                http.HttpMessageHandlerFactory = own =>
                {
                    ((HttpClientHandler)own).AllowAutoRedirect = false;
                    return own;
                };
            }
        }).Build();
        hub.On<JsonElement>("PolicyChanged", policy => HeldAsync(hub, policyHeard(policy)));
        hub.On<JsonElement>("Control", news =>
        {
            var session = Text(news, "session_id");
            tighten(session, Text(news, "state"));
            if (session is not null)
            {
                Ring(Control(session));
            }
            else
            {
                RingAll();
            }
        });
        hub.On<JsonElement>("ActionDecided", action =>
        {
            if (Text(action, "session_id") is { } session && Text(action, "action_id") is { } id)
            {
                Ring(Action(session, id));
            }
        });
        hub.On<JsonElement>("HandoffAnswered", handoff =>
        {
            if (Text(handoff, "handoff_id") is { } id)
            {
                Ring(Handoff(id));
            }
        });
        return hub;
    }

    /// <summary>So that people see what this client goes by.</summary>
    private async Task HeldAsync(HubConnection hub, string? version)
    {
        if (version is null)
        {
            // Not readable, or older than what is held: the console is asked.
            Ring(Policy);
            return;
        }

        try
        {
            await hub.SendAsync("HoldPolicy", options.Agent, version, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is InvalidOperationException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The line is going; the next question for the policy says the same.
        }
    }

    private void Ring(string subject)
    {
        if (_bells.TryGetValue(subject, out var bell))
        {
            bell.Ring();
        }
    }

    private void RingAll()
    {
        foreach (var bell in _bells.Values)
        {
            bell.Ring();
        }
    }

    private static string? Text(JsonElement news, string member) =>
        news.ValueKind is JsonValueKind.Object && news.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private sealed record Covered(HashSet<string> Sessions, bool All);

    /// <summary>Sends by a handler that stays its owner's to dispose of.</summary>
    private sealed class Lent(HttpMessageHandler owned) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _sender = new(owned, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _sender.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _sender.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
