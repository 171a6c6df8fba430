namespace Handrail.Telemetry;

/// <summary>
/// Reads OTLP log requests (opentelemetry-proto 1.11, ExportLogsServiceRequest). A record whose event the table of log events knows is a
/// step; an application's other records are taken and left out. A record that can't be used is rejected alone: an id of the wrong size, a
/// time more than a day after <c>now</c>.
/// </summary>
public static class OtlpLogs
{
    /// <summary>Reads <c>application/x-protobuf</c>; an empty body is an empty request.</summary>
    /// <param name="body">The whole message, decompressed.</param>
    /// <param name="now">When it arrived: the time of records that have none.</param>
    /// <exception cref="OtlpFormatException">The body is not well-formed protobuf.</exception>
    public static OtlpReadResult ReadProtobuf(ReadOnlySpan<byte> body, DateTimeOffset now) => RecordRequest.Read(OtlpSignal.Logs, body, [], now);

    /// <summary>Reads <c>application/json</c> in UTF-8; <c>{}</c> is an empty request.</summary>
    /// <param name="body">The whole message, decompressed.</param>
    /// <param name="now">When it arrived: the time of records that have none.</param>
    /// <exception cref="OtlpFormatException">The body is not JSON, or not a log request.</exception>
    public static OtlpReadResult ReadJson(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        (WireWriter protobuf, IReadOnlyList<string> rejections) = JsonRequest.Transcode(body, OtlpShape.LogsRequest);
        using (protobuf)
            return RecordRequest.Read(OtlpSignal.Logs, protobuf.Written, rejections, now);
    }
}
