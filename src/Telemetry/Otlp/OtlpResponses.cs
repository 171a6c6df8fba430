using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>What an OTLP receiver answers: the same content in both encodings.</summary>
public static class OtlpResponses
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// An Export…ServiceResponse in protobuf, the same for traces, metrics and logs: no bytes at all when everything was
    /// kept, else <c>partial_success</c> with the number of rejected records and the reason.
    /// </summary>
    public static byte[] ExportProtobuf(long rejected, string? reason)
    {
        if (rejected == 0)
            return [];
        using var writer = new WireWriter();
        int partial = writer.BeginMessage(1);
        writer.WriteVarint(1, (ulong)rejected);
        if (!string.IsNullOrEmpty(reason))
            writer.WriteText(2, reason);
        writer.EndMessage(partial);
        return writer.Written.ToArray();
    }

    /// <summary>The same in JSON; <paramref name="signal"/> names the member that counts.</summary>
    public static byte[] ExportJson(long rejected, string? reason, OtlpSignal signal = OtlpSignal.Traces) => Write(json =>
    {
        json.WriteStartObject();
        if (rejected > 0)
        {
            json.WriteStartObject("partialSuccess");
            json.WriteString(RejectedMember(signal), rejected.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!string.IsNullOrEmpty(reason))
                json.WriteString("errorMessage", reason);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    /// <summary>A google.rpc.Status in protobuf: the body of every answer of 400 and above.</summary>
    /// <param name="code">A gRPC status code, such as 3 for INVALID_ARGUMENT.</param>
    /// <param name="message">What is wrong, for a developer.</param>
    /// <param name="retryAfter">Adds google.rpc.RetryInfo: the sender may try again after this time.</param>
    public static byte[] StatusProtobuf(int code, string message, TimeSpan? retryAfter = null)
    {
        using var writer = new WireWriter();
        if (code != 0)
            writer.WriteVarint(1, (ulong)code);
        if (message.Length > 0)
            writer.WriteText(2, message);
        if (retryAfter is { } delay)
        {
            int details = writer.BeginMessage(3);
            writer.WriteText(1, "type.googleapis.com/google.rpc.RetryInfo");
            int retryInfo = writer.BeginMessage(2);
            int duration = writer.BeginMessage(1);
            writer.WriteVarint(1, (ulong)(delay.Ticks / TimeSpan.TicksPerSecond));
            if (delay.Ticks % TimeSpan.TicksPerSecond is var ticks and > 0)
                writer.WriteVarint(2, (ulong)(ticks * 100));
            writer.EndMessage(duration);
            writer.EndMessage(retryInfo);
            writer.EndMessage(details);
        }

        return writer.Written.ToArray();
    }

    /// <summary>A google.rpc.Status in JSON.</summary>
    public static byte[] StatusJson(int code, string message) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    });

    private static string RejectedMember(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Traces or OtlpSignal.AgentsSdk => "rejectedSpans",
        OtlpSignal.Logs => "rejectedLogRecords",
        OtlpSignal.Metrics => "rejectedDataPoints",
        _ => throw new ArgumentOutOfRangeException(nameof(signal)),
    };

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
            write(json);
        return stream.ToArray();
    }
}

/// <summary>The kinds of records that come in: OTLP's, and those of an exporter that speaks something else.</summary>
public enum OtlpSignal
{
    Traces,
    Logs,
    Metrics,

    /// <summary>The OpenAI Agents SDK's own exporter: JSON that is no OTLP.</summary>
    AgentsSdk,
}
