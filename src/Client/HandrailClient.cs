using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Handrail.Client.Control;
using Handrail.Client.Live;
using Handrail.Client.Offline;
using Handrail.Client.Wire;

namespace Handrail.Client;

/// <summary>
/// An agent's line to its console: sessions that can be watched and stopped, actions that are asked for before they are done, and the
/// policy that rules them. One per agent and process; safe for use by several threads.
/// </summary>
public sealed class HandrailClient : IAsyncDisposable
{
    private readonly HandrailClientOptions _options;
    private readonly ConsoleConnection _connection;
    private readonly PolicyChannel _policy;
    private readonly HubLine _line;
    private readonly OfflineAnswers _offline;
    private readonly ConcurrentDictionary<HandrailSession, bool> _sessions = new();
    private bool _disposed;

    /// <summary>Makes the client. Nothing is sent before it is used.</summary>
    /// <param name="options">Where the console is, and which agent this is.</param>
    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    public HandrailClient(HandrailClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _connection = new ConsoleConnection(options);
        _policy = new PolicyChannel(_connection, options, Tighten, policy => PolicyChanged?.Invoke(this, policy));
        _line = new HubLine(options, _connection, _policy.Heard, Tighten);
        _offline = new OfflineAnswers(options, _connection, () => _policy.Held);
    }

    /// <summary>A version of the agent's policy that it had not seen before was read.</summary>
    public event EventHandler<AgentPolicy>? PolicyChanged;

    /// <summary>The policy as last read; null before the first reading. The gate decides by its own, newest one.</summary>
    public AgentPolicy? Policy => _policy.Current;

    /// <summary>Opens a session, or takes one up again, and begins to listen for its commands. Waits for a console that is down.</summary>
    /// <param name="sessionId">The conversation's id; one is made when it is left out.</param>
    /// <param name="user">On whose behalf the agent acts.</param>
    /// <param name="title">What it is about, for people.</param>
    /// <param name="parentSessionId">The session that started this one.</param>
    /// <param name="metadata">Anything else worth knowing.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="HandrailException">The console refused: the key, or an id that belongs to somebody else.</exception>
    public async Task<HandrailSession> OpenSessionAsync(
        string? sessionId = null,
        string? user = null,
        string? title = null,
        string? parentSessionId = null,
        JsonObject? metadata = null,
        CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var id = sessionId ?? Guid.CreateVersion7(_connection.Clock.GetUtcNow()).ToString("n");
        var session = new HandrailSession(_options, _connection, _line, _offline, _policy, id, user, closed => _sessions.TryRemove(closed, out _));
        _sessions[session] = true;
        try
        {
            await session.OpenAsync(title, parentSessionId, metadata, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _policy.Follow(_line);
        return session;
    }

    /// <summary>Reads the policy that rules the agent now, and keeps it up to date from then on.</summary>
    /// <param name="cancellationToken">Gives up reading.</param>
    /// <exception cref="HandrailException">The console refused, or its answer is not a policy.</exception>
    public async Task<AgentPolicy> GetPolicyAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var policy = await _policy.ReadAsync(cancellationToken).ConfigureAwait(false);
        _policy.Follow(_line);
        _line.Start();
        return policy;
    }

    /// <summary>Stops listening, for every open session too. Sessions stay as they are at the console.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _policy.DisposeAsync().ConfigureAwait(false);
        foreach (var session in _sessions.Keys)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }

        await _line.DisposeAsync().ConfigureAwait(false);
        _connection.Dispose();
    }

    private void Tighten(string? control)
    {
        foreach (var session in _sessions.Keys)
        {
            session.Tighten(control);
        }
    }

    private void Tighten(string? sessionId, string? control)
    {
        foreach (var session in _sessions.Keys.Where(session => sessionId is null || session.Id == sessionId))
        {
            session.Tighten(control);
        }
    }
}
