using Handrail.Ingest;
using Handrail.Jobs;

namespace Handrail.Health;

/// <summary>Who is connected to this process.</summary>
public sealed record ClientsReading(int Hub, int Events, int LongPolls, int Pages);

/// <summary>All that is known of the console's health at one moment. What is of this process says nothing of another on the same database.</summary>
public sealed record HealthReading
{
    public required DateTimeOffset At { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long the oldest request that is being written has waited.</summary>
    public required TimeSpan Behind { get; init; }

    /// <summary>Of the last five minutes; null when nothing came.</summary>
    public required TimeSpan? P99 { get; init; }

    public required bool Stalled { get; init; }

    /// <summary>How long a sender waits before it is told to send again.</summary>
    public required TimeSpan LongestWait { get; init; }

    /// <summary>Records that wait for their commit.</summary>
    public required long Queued { get; init; }

    public required IReadOnlyList<RejectedReading> Rejected { get; init; }

    public required IReadOnlyList<JobReading> Jobs { get; init; }

    /// <summary>False while the audit trail can't be written.</summary>
    public bool AuditWorks { get; init; } = true;

    /// <summary>Audit records of what has been done that are still to be written.</summary>
    public int AuditOwed { get; init; }

    /// <summary>Why a day of the audit trail could not be sealed; null for no reason.</summary>
    public string? AuditWrong { get; init; }

    public required ClientsReading Clients { get; init; }

    /// <summary>Null when the database did not answer.</summary>
    public required StoredFigures? Stored { get; init; }

    /// <summary>What is to be said of each part.</summary>
    public IReadOnlyList<HealthCheck> Checks => HealthChecks.Of(this);

    /// <summary>The worst of all parts.</summary>
    public HealthState State => Checks.Max(c => c.State);
}
