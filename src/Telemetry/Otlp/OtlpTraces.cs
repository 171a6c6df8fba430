namespace Handrail.Telemetry;

/// <summary>
/// Reads OTLP trace requests (opentelemetry-proto 1.11, ExportTraceServiceRequest). A span that can't be used is
/// rejected alone: an id of the wrong size or zero, a time more than a day after <c>now</c>. Unknown fields and
/// attributes, missing times, an end before its start and bytes that are no UTF-8 reject nothing.
/// </summary>
public static class OtlpTraces
{
    /// <summary>Reads <c>application/x-protobuf</c>; an empty body is an empty request.</summary>
    /// <param name="body">The whole message, decompressed.</param>
    /// <param name="now">When it arrived: the time of spans that have none.</param>
    /// <exception cref="OtlpFormatException">The body is not well-formed protobuf.</exception>
    public static OtlpReadResult ReadProtobuf(ReadOnlySpan<byte> body, DateTimeOffset now) => RecordRequest.Read(OtlpSignal.Traces, body, [], now);

    /// <summary>Reads <c>application/json</c> in UTF-8; <c>{}</c> is an empty request.</summary>
    /// <param name="body">The whole message, decompressed.</param>
    /// <param name="now">When it arrived: the time of spans that have none.</param>
    /// <exception cref="OtlpFormatException">The body is not JSON, or not a trace request.</exception>
    public static OtlpReadResult ReadJson(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        (WireWriter protobuf, IReadOnlyList<string> rejections) = JsonRequest.Transcode(body, OtlpShape.TraceRequest);
        using (protobuf)
            return RecordRequest.Read(OtlpSignal.Traces, protobuf.Written, rejections, now);
    }
}
