using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Handrail.Client;

/// <summary>Where the console is, and which agent speaks to it.</summary>
public sealed class HandrailClientOptions
{
    /// <summary>The console's address, for example <c>http://127.0.0.1:8080</c>. A path in it is kept as a prefix.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The agent key (<c>hra_…</c>). It is sent with every call and never logged.</summary>
    public required string ApiKey { get; init; }

    /// <summary>The agent's name: the one that its policy, its sessions and its telemetry carry.</summary>
    public required string Agent { get; init; }

    /// <summary>The agent's version, so that the console can compare one version with the next.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>
    /// How long one attempt to ask the gate may take before it is given up and asked again under the same action id.
    /// Two seconds unless set. Being slow never turns into an allow: the asking goes on.
    /// </summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// For how long the console is asked to hold a call that waits for news (a decision, a command, a new policy).
    /// Thirty seconds unless set; whole seconds count.
    /// </summary>
    public TimeSpan LongPoll { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For how long the console must be out of reach before the client answers in its place, exactly as the policy's <c>offline</c> says. Thirty seconds unless set;
    /// <see cref="Timeout.InfiniteTimeSpan"/> lets every question wait until the console is back, whatever the policy says.
    /// </summary>
    public TimeSpan OfflineAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Stay connected to the console's hub, by which news arrive at once and no call is held. True unless set; while the hub can't be reached, calls that the console
    /// holds take its place.
    /// </summary>
    public bool UseHub { get; init; } = true;

    /// <summary>
    /// Go by no policy that bears no signature of the console. False unless set: then one is demanded from the first on that bore one.
    /// </summary>
    public bool RequireSignedPolicy { get; init; }

    /// <summary>
    /// Where the policy last read, the latest version seen and the console's keys are kept for the next process; its folder must exist. Nowhere unless set. What was not written
    /// by a client with this agent's key is as good as none.
    /// </summary>
    public string? PolicyFile { get; init; }

    /// <summary>Sends the requests instead of the client's own handler. It stays the caller's to dispose of.</summary>
    public HttpMessageHandler? MessageHandler { get; init; }

    /// <summary>The clock that delays and time limits run on.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Told what went wrong on the way to the console. Never told a key or what an action carries.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>A number from 0 up to 1 that spreads the retries of many agents; a test may fix it.</summary>
    internal Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Endpoint);
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException("The endpoint is an absolute http or https address.", nameof(Endpoint));
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(ApiKey);
        ArgumentException.ThrowIfNullOrWhiteSpace(Agent);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AskTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LongPoll, TimeSpan.FromSeconds(1));
        if (OfflineAfter != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(OfflineAfter, TimeSpan.Zero);
        }
    }
}
