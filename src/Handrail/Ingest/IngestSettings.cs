using Handrail.Store;

namespace Handrail.Ingest;

/// <summary>How much telemetry is taken in at once, from the section <c>Ingest</c>.</summary>
public sealed record IngestSettings
{
    /// <summary>The largest body of one request, decompressed; the OTLP specification's recommended 64 MiB.</summary>
    public int MaxBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bodies being read, decoded and waiting for their commit, in bytes: more at once is refused until some are committed.</summary>
    public long MaxBytesInFlight { get; init; } = 128 * 1024 * 1024;

    /// <summary>Spans that wait for the writer: more at once is refused.</summary>
    public int MaxSpansInFlight { get; init; } = 100_000;

    /// <summary>
    /// Spans in one transaction; null for what suits the database. On SQLite, which has one writer, a gate decision may have to wait for as
    /// many: half of PostgreSQL's.
    /// </summary>
    public int? MaxSpansPerCommit { get; init; }

    internal int SpansPerCommit(DatabaseProvider provider) => MaxSpansPerCommit ?? (provider == DatabaseProvider.Sqlite ? 1_024 : 2_048);

    /// <summary>
    /// How long a sender waits for its commit before it is told to send again. Below the ten seconds after which exporters hang up by
    /// themselves (<c>OTEL_EXPORTER_OTLP_TIMEOUT</c>): told, they come back when they should.
    /// </summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(8);
}
