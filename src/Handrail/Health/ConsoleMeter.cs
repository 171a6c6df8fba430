using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Handrail.Health;

/// <summary>
/// What the console measures and traces of itself, under the names that it exports. Nobody listens unless the export is on: a measurement then
/// costs a comparison, and no span is made.
/// </summary>
public static class ConsoleMeter
{
    /// <summary>Of the meter and of the source of spans.</summary>
    public const string Name = "Handrail";

    /// <summary>Why a record or a request of telemetry was not taken in: a word or a sentence of the console's own.</summary>
    public const string Reason = "handrail.rejection.reason";

    public static readonly Meter Meter = new(Name);

    public static readonly ActivitySource Source = new(Name);

    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] };

    /// <summary>From the moment at which a request was read to the commit of its records, once for each request and commit.</summary>
    public static readonly Histogram<double> IngestLag = Meter.CreateHistogram("handrail.ingest.lag", "s", "Time from reading a request to the commit of its records.", advice: Seconds);

    /// <summary>Steps that were committed, by <c>handrail.outcome</c>: <c>accepted</c>, or <c>duplicate</c> for one that was stored before.</summary>
    public static readonly Counter<long> IngestRecords = Meter.CreateCounter<long>("handrail.ingest.records", "{record}", "Records of telemetry that are stored.");

    public static readonly Counter<long> IngestRejected = Meter.CreateCounter<long>("handrail.ingest.rejected", "{record}", "Records of telemetry that were not stored, by reason.");

    /// <summary>Requests of which nothing was kept; those that came too fast are told to come again.</summary>
    public static readonly Counter<long> IngestRefused = Meter.CreateCounter<long>("handrail.ingest.refused", "{request}", "Requests of telemetry that were refused whole, by reason.");

    /// <summary>From an agent's question to its committed decision, by <c>handrail.verdict</c>.</summary>
    public static readonly Histogram<double> GateDuration = Meter.CreateHistogram("handrail.gate.duration", "s", "Time from an agent's question to its committed decision.", advice: Seconds);

    public static readonly Counter<long> JobFailures = Meter.CreateCounter<long>("handrail.job.failures", "{run}", "Runs of the console's own jobs that failed, by job.");

    /// <summary>
    /// Transactions begun anew because another was in their way, by <c>error.type</c>: PostgreSQL's SQLSTATE (<c>40P01</c> is a deadlock), or
    /// <c>lost_race</c>. Now and then is well; many are waiting that people and agents feel.
    /// </summary>
    public static readonly Counter<long> TransactionRetries = Meter.CreateCounter<long>("handrail.transaction.retries", "{transaction}", "Transactions begun anew, by what was in their way.");

    /// <summary>A transaction on SQLite, with its wait for the one writer's turn; PostgreSQL's driver measures its own.</summary>
    public static readonly Histogram<double> DatabaseDuration = Meter.CreateHistogram("db.client.operation.duration", "s", "Time of a transaction on the database.", advice: Seconds);
}
