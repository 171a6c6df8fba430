namespace Handrail.Telemetry;

/// <summary>What holds for all spans of one resource and scope.</summary>
internal sealed record ResourceFacts
{
    public string? ServiceName { get; init; }

    public string? ServiceVersion { get; init; }

    public string? SessionId { get; init; }

    /// <summary>Where it is noted how this sender is read.</summary>
    public required SenderCoverage Coverage { get; init; }

    /// <summary>Set for a product whose calls are counted by its log events.</summary>
    public LedgerInLogs? Ledger { get; init; }

    /// <summary>The resource's attributes as a JSON object; empty when there are none.</summary>
    public byte[] Json { get; init; } = [];
}

/// <summary>The instrumentation scope that made a span.</summary>
internal readonly record struct ScopeFacts(string? Name, string? Version, byte[] Json);
