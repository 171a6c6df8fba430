using Handrail.Access;
using Handrail.Health;
using Handrail.Ingest;
using Handrail.Telemetry;

namespace Handrail.Sessions.Otlp;

/// <summary>What an OTLP request came to: the same behind every door.</summary>
/// <param name="Rejected">Records that were not kept.</param>
/// <param name="Reason">Why, for the sender.</param>
/// <param name="Receipt">What became of spans; null for other records.</param>
public sealed record OtlpOutcome(long Rejected, string? Reason, IngestReceipt? Receipt);

/// <summary>The meaning of an OTLP request, whatever door and encoding it came in by.</summary>
public sealed class OtlpIntake(SpanWriter writer, ReadingLane lane, RecordMetrics metrics, MappingCoverage coverage, RejectedRecords rejected, TimeProvider time)
{
    private static readonly KeyValuePair<string, object?> Accepted = new("handrail.outcome", "accepted");
    private static readonly KeyValuePair<string, object?> Duplicate = new("handrail.outcome", "duplicate");

    /// <summary>When this returns, what was not rejected is committed.</summary>
    /// <param name="place">What the request holds.</param>
    /// <param name="userAgent">What the client calls itself, where only that names its version.</param>
    /// <exception cref="OtlpFormatException">The body can't be read.</exception>
    /// <exception cref="Refusal">Nothing of it was kept; its kind says whether to try again.</exception>
    public async Task<OtlpOutcome> TakeAsync(Caller caller, IngestAdmission.Place place, OtlpSignal signal, ReadOnlyMemory<byte> body, bool json, string? userAgent, CancellationToken cancel)
    {
        if (signal == OtlpSignal.Metrics)
        {
            var points = await lane.RunAsync(() => json ? OtlpMetrics.ReadJson(body.Span, time.GetUtcNow()) : OtlpMetrics.ReadProtobuf(body.Span, time.GetUtcNow()), cancel);
            place.WasRead();
            var (left, why) = await metrics.HandleAsync(caller, points.Points, cancel);
            rejected.Records(caller, points.RejectionReason, points.Rejected);
            rejected.Records(caller, why, left);
            return Outcome(points.Rejected + left, [points.RejectionReason, why], null);
        }

        var read = await lane.ReadAsync(() => Read(signal, body, json, userAgent, time.GetUtcNow()), cancel);
        place.WasRead();
        var receipt = await writer.WriteAsync(caller, read.Steps, cancel);
        coverage.Note(caller.Team!, read);
        rejected.Records(caller, read.RejectionReason, read.Rejected);
        rejected.Records(caller, receipt.RejectionReason, receipt.Rejected);
        ConsoleMeter.IngestRecords.Add(receipt.Accepted, Accepted);
        if (receipt.Duplicates > 0)
        {
            ConsoleMeter.IngestRecords.Add(receipt.Duplicates, Duplicate);
        }

        return Outcome(read.Rejected + receipt.Rejected, [read.RejectionReason, receipt.RejectionReason], receipt);
    }

    private static OtlpOutcome Outcome(int rejected, string?[] reasons, IngestReceipt? receipt) =>
        new(rejected, rejected == 0 ? null : string.Join("; ", reasons.OfType<string>()), receipt);

    private static OtlpReadResult Read(OtlpSignal signal, ReadOnlyMemory<byte> body, bool json, string? userAgent, DateTimeOffset now) => (signal, json) switch
    {
        (OtlpSignal.AgentsSdk, _) => AgentsSdkTraces.ReadJson(body, now, userAgent),
        (OtlpSignal.Logs, true) => OtlpLogs.ReadJson(body.Span, now),
        (OtlpSignal.Logs, false) => OtlpLogs.ReadProtobuf(body.Span, now),
        (_, true) => OtlpTraces.ReadJson(body.Span, now),
        _ => OtlpTraces.ReadProtobuf(body.Span, now),
    };
}
