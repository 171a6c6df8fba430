namespace Handrail.Client;

/// <summary>Which console's grants are taken.</summary>
public sealed class GrantVerifierOptions
{
    /// <summary>The console's address, for example <c>http://127.0.0.1:8080</c>. A path in it is kept as a prefix.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>An agent key (<c>hra_…</c>) of the same team, to redeem with; verifying alone needs none. It is never logged.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The issuer that the console's setting <c>Grants:Issuer</c> names.</summary>
    public string Issuer { get; init; } = "handrail";

    /// <summary>How far this clock and the console's may be apart. Five seconds unless set.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the list of keys is kept; the console lists a new key for as long before it signs. Five minutes unless set.</summary>
    public TimeSpan KeepKeys { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one call to the console may take. Ten seconds unless set.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Sends the requests instead of the verifier's own handler. It stays the caller's to dispose of.</summary>
    public HttpMessageHandler? MessageHandler { get; init; }

    /// <summary>The clock that grants expire by.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Endpoint);
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException("The endpoint is an absolute http or https address.", nameof(Endpoint));
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(Issuer);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClockSkew, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepKeys, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
    }
}
