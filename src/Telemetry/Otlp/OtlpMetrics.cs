namespace Handrail.Telemetry;

/// <summary>
/// Reads OTLP metric requests (opentelemetry-proto 1.11, ExportMetricsServiceRequest). A point that can't be used is rejected alone: without
/// a value or with one that is no number, of a metric without a name, more than a day after <c>now</c>.
/// </summary>
public static class OtlpMetrics
{
    /// <summary>Reads <c>application/x-protobuf</c>; an empty body is an empty request.</summary>
    /// <exception cref="OtlpFormatException">The body is not well-formed protobuf.</exception>
    public static MetricReadResult ReadProtobuf(ReadOnlySpan<byte> body, DateTimeOffset now) => Read(body, [], now);

    /// <summary>Reads <c>application/json</c> in UTF-8; <c>{}</c> is an empty request.</summary>
    /// <exception cref="OtlpFormatException">The body is not JSON, or not a metrics request.</exception>
    public static MetricReadResult ReadJson(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        (WireWriter protobuf, IReadOnlyList<string> rejections) = JsonRequest.Transcode(body, OtlpShape.MetricsRequest);
        using (protobuf)
            return Read(protobuf.Written, rejections, now);
    }

    private static MetricReadResult Read(ReadOnlySpan<byte> body, IReadOnlyList<string> rejections, DateTimeOffset now)
    {
        Scratch scratch = Scratch.Rent();
        var request = new MetricRequest(body, now, scratch);
        foreach (string reason in rejections)
            request.Reject(reason);
        MetricReadResult result = request.Read();
        scratch.Return();
        return result;
    }
}
