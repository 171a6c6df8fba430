namespace Handrail.Notify;

public enum ChannelKind
{
    /// <summary>JSON to an address, signed as Standard Webhooks says.</summary>
    Webhook,

    /// <summary>A Slack incoming webhook.</summary>
    Slack,

    Email,

    /// <summary>PagerDuty's Events API v2, or whatever takes its format.</summary>
    PagerDuty,
}

/// <summary>What a message may say.</summary>
public enum ChannelDetail
{
    /// <summary>That there is something, and where to look: the kind and the link alone.</summary>
    LinkOnly,

    /// <summary>Our own fields as well: agent, type, amount, risk, deadline. Never what an agent said in its own words.</summary>
    Fields,
}

/// <summary>A way out of the console. Whatever of it is secret stands in <see cref="Secret"/>, encrypted.</summary>
public sealed class Channel
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public ChannelKind Kind { get; set; }

    public bool Enabled { get; set; } = true;

    public ChannelDetail Detail { get; set; } = ChannelDetail.Fields;

    /// <summary>What is not secret: <see cref="ChannelAddress"/> as JSON.</summary>
    public required string AddressJson { get; set; }

    /// <summary>Encrypted by data protection: <see cref="ChannelSecret"/>. Null where there is none.</summary>
    public string? Secret { get; set; }

    public int Version { get; set; } = 1;

    public DateTimeOffset ChangedAt { get; set; }

    public required string ChangedBy { get; set; }

    /// <summary>Who sends to it just now: one at a time, over all processes.</summary>
    public string? LeaseBy { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>Failures of the other end in a row; 0 since it last took something.</summary>
    public int Failures { get; set; }

    /// <summary>Nothing is tried before this, because the other end failed.</summary>
    public DateTimeOffset? HeldUntil { get; set; }

    public string? LastError { get; set; }

    public DateTimeOffset? LastErrorAt { get; set; }

    public DateTimeOffset? LastDeliveredAt { get; set; }
}

/// <summary>Where a channel leads, without anything secret.</summary>
public sealed record ChannelAddress
{
    /// <summary>A webhook's address, or PagerDuty's where it is not the usual one.</summary>
    public string? Url { get; init; }

    /// <summary>Of an address that is secret as a whole, as Slack's is: its host.</summary>
    public string? Host { get; init; }

    /// <summary>The mail server's port.</summary>
    public int? Port { get; init; }

    public MailSecurity? Security { get; init; }

    /// <summary>The name to sign in to the mail server with; null to send without signing in.</summary>
    public string? UserName { get; init; }

    public string? From { get; init; }

    /// <summary>Addresses that mail goes to.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>Roles whose people mail goes to, each only of what their data scopes let them see.</summary>
    public IReadOnlyList<string> ToRoles { get; init; } = [];
}

public enum MailSecurity
{
    /// <summary>In the clear: for a server on the same machine or in a network that is yours.</summary>
    None,

    /// <summary>Begins in the clear and changes to TLS, or does not send (port 587).</summary>
    StartTls,

    /// <summary>TLS from the first byte (port 465).</summary>
    Tls,
}

/// <summary>What of a channel is secret.</summary>
/// <param name="Value">The signing secret, Slack's address, the mail server's password, PagerDuty's routing key.</param>
/// <param name="Previous">The signing secret before it, which signs as well until <paramref name="PreviousUntil"/>.</param>
public sealed record ChannelSecret(string Value, string? Previous = null, DateTimeOffset? PreviousUntil = null);
