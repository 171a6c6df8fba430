using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>Counts the records of a log or metric request, without reading them.</summary>
public static class OtlpRecords
{
    // Field numbers of the messages' ways down to the records, from opentelemetry-proto 1.11.
    private static readonly int[][] ToLogRecords = [[1], [2], [2]];
    private static readonly int[][] ToDataPoints = [[1], [2], [2], [5, 7, 9, 10, 11], [1]];

    private static readonly string[][] LogRecordMembers = [["resourceLogs", "resource_logs"], ["scopeLogs", "scope_logs"], ["logRecords", "log_records"]];

    private static readonly string[][] DataPointMembers =
    [
        ["resourceMetrics", "resource_metrics"], ["scopeMetrics", "scope_metrics"], ["metrics"],
        ["gauge", "sum", "histogram", "exponentialHistogram", "exponential_histogram", "summary"], ["dataPoints", "data_points"],
    ];

    /// <summary>Log records, or data points of metrics, of an <c>application/x-protobuf</c> body.</summary>
    /// <exception cref="OtlpFormatException">The body is not well-formed protobuf.</exception>
    public static int CountProtobuf(OtlpSignal signal, ReadOnlySpan<byte> body) =>
        Count(body, new Slice(0, body.Length), signal == OtlpSignal.Logs ? ToLogRecords : ToDataPoints);

    /// <summary>The same of an <c>application/json</c> body.</summary>
    /// <exception cref="OtlpFormatException">The body is not JSON, or no object.</exception>
    public static int CountJson(OtlpSignal signal, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 128 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Count(document.RootElement, signal == OtlpSignal.Logs ? LogRecordMembers : DataPointMembers)
                : throw new OtlpFormatException("The body is no JSON object.");
        }
        catch (JsonException e)
        {
            throw new OtlpFormatException("The body is not JSON.", e);
        }
    }

    private static int Count(ReadOnlySpan<byte> body, Slice message, ReadOnlySpan<int[]> way)
    {
        int count = 0;
        var reader = new WireReader(body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (type != WireType.Bytes || Array.IndexOf(way[0], field) < 0)
            {
                reader.Skip(field, type);
                continue;
            }

            Slice inner = reader.ReadBytes();
            count += way.Length == 1 ? 1 : Count(body, inner, way[1..]);
        }

        return count;
    }

    private static int Count(JsonElement element, ReadOnlySpan<string[]> way)
    {
        int count = 0;
        if (element.ValueKind != JsonValueKind.Object)
            return count;
        foreach (string name in way[0])
        {
            if (!element.TryGetProperty(name, out JsonElement inner))
                continue;
            if (inner.ValueKind != JsonValueKind.Array)
            {
                count += way.Length == 1 ? 0 : Count(inner, way[1..]);
                continue;
            }

            foreach (JsonElement item in inner.EnumerateArray())
                count += way.Length == 1 ? 1 : Count(item, way[1..]);
        }

        return count;
    }
}
