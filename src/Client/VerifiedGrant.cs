namespace Handrail.Client;

/// <summary>What a grant covers, once it has been verified: this and nothing else may be carried out.</summary>
public sealed record VerifiedGrant
{
    /// <summary>The same for every grant of one decision: who keeps the ids of those used refuses a second one even offline.</summary>
    public required string Id { get; init; }

    /// <summary>The session that the action belongs to.</summary>
    public required string SessionId { get; init; }

    /// <summary>The action.</summary>
    public required string ActionId { get; init; }

    /// <summary>The action's type, for example <c>payment.send</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The tool, where the agent named one.</summary>
    public string? Tool { get; init; }

    /// <summary>The agent that asked.</summary>
    public required string Agent { get; init; }

    /// <summary>On whose behalf it asked.</summary>
    public string? User { get; init; }

    /// <summary>The amount, in <see cref="Currency"/>.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>SHA-256 in hexadecimal over the RFC 8785 canonical JSON of the arguments.</summary>
    public required string ArgsSha256 { get; init; }

    /// <summary>Until when it can be redeemed, by the console's clock.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>The grant allows nothing: it is none of the console's, has expired, was used, is void, or is for something else. Do not carry the action out.</summary>
public sealed class GrantRefusedException : Exception
{
    internal GrantRefusedException(string message)
        : base(message)
    {
    }
}
