namespace Handrail.Ingest;

/// <summary>A service that sends telemetry, and how its records are read.</summary>
public sealed class Sender
{
    /// <summary>SHA-256 over the team and what the sender calls itself.</summary>
    public required string Id { get; set; }

    public required string Team { get; set; }

    public string? ServiceName { get; set; }

    public string? Sdk { get; set; }

    public string? SdkVersion { get; set; }

    public DateTimeOffset FirstSeenAt { get; set; }

    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>A <see cref="Telemetry.SenderCoverage"/>.</summary>
    public required string CoverageJson { get; set; }
}
