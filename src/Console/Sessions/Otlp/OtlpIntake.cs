using Handrail.Access;
using Handrail.Ingest;
using Handrail.Telemetry;

namespace Handrail.Sessions.Otlp;

/// <summary>What an OTLP request came to: the same behind every door.</summary>
/// <param name="Rejected">Records that were not kept.</param>
/// <param name="Reason">Why, for the sender.</param>
/// <param name="Receipt">What became of spans; null for other records.</param>
public sealed record OtlpOutcome(long Rejected, string? Reason, IngestReceipt? Receipt);

/// <summary>The meaning of an OTLP request, whatever door and encoding it came in by.</summary>
public sealed class OtlpIntake(SpanWriter writer, TimeProvider time)
{
    /// <summary>When this returns, what was not rejected is committed.</summary>
    /// <exception cref="OtlpFormatException">The body can't be read.</exception>
    /// <exception cref="Refusal">Nothing of it was kept; its kind says whether to try again.</exception>
    public async Task<OtlpOutcome> TakeAsync(Caller caller, OtlpSignal signal, ReadOnlyMemory<byte> body, bool json, CancellationToken cancel)
    {
        if (signal == OtlpSignal.Metrics)
        {
            var records = json ? OtlpRecords.CountJson(signal, body) : OtlpRecords.CountProtobuf(signal, body.Span);
            return new OtlpOutcome(records, records == 0 ? null : "metrics are not read yet; send traces and logs", null);
        }

        var read = Read(signal, body, json, time.GetUtcNow());
        var receipt = await writer.WriteAsync(caller, read.Steps, cancel);
        var reasons = new[] { read.RejectionReason, receipt.RejectionReason }.OfType<string>();
        return new OtlpOutcome(read.Rejected + receipt.Rejected, read.Rejected + receipt.Rejected == 0 ? null : string.Join("; ", reasons), receipt);
    }

    private static OtlpReadResult Read(OtlpSignal signal, ReadOnlyMemory<byte> body, bool json, DateTimeOffset now) => (signal, json) switch
    {
        (OtlpSignal.AgentsSdk, _) => AgentsSdkTraces.ReadJson(body, now),
        (OtlpSignal.Logs, true) => OtlpLogs.ReadJson(body.Span, now),
        (OtlpSignal.Logs, false) => OtlpLogs.ReadProtobuf(body.Span, now),
        (_, true) => OtlpTraces.ReadJson(body.Span, now),
        _ => OtlpTraces.ReadProtobuf(body.Span, now),
    };
}
