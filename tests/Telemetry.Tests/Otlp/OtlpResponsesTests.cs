using System.Text;
using Google.Protobuf.WellKnownTypes;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>Answers are as the OTLP specification has them, in the request's encoding.</summary>
public sealed class OtlpResponsesTests
{
    [Fact]
    public void When_nothing_was_rejected_partial_success_is_not_set()
    {
        Assert.Empty(OtlpResponses.ExportProtobuf(0, null));
        Assert.Equal("{}", Encoding.UTF8.GetString(OtlpResponses.ExportJson(0, null)));
    }

    [Theory]
    [InlineData(OtlpSignal.Traces, "rejectedSpans")]
    [InlineData(OtlpSignal.Logs, "rejectedLogRecords")]
    [InlineData(OtlpSignal.Metrics, "rejectedDataPoints")]
    public void Rejected_records_are_counted_with_their_reason(OtlpSignal signal, string member)
    {
        Assert.Equal(
            $$$"""{"partialSuccess":{"{{{member}}}":"3","errorMessage":"an id is \"odd\""}}""",
            Encoding.UTF8.GetString(OtlpResponses.ExportJson(3, "an id is \"odd\"", signal)));

        // ExportTraceServiceResponse.partial_success = 1 { rejected_spans = 1, error_message = 2 }.
        using var response = new Google.Protobuf.CodedInputStream(OtlpResponses.ExportProtobuf(300, "why"));
        Assert.Equal(0x0Au, response.ReadTag());
        using var partial = new Google.Protobuf.CodedInputStream(response.ReadBytes().ToByteArray());
        Assert.Equal(0x08u, partial.ReadTag());
        Assert.Equal(300, partial.ReadInt64());
        Assert.Equal(0x12u, partial.ReadTag());
        Assert.Equal("why", partial.ReadString());
        Assert.True(partial.IsAtEnd && response.IsAtEnd);
    }

    [Fact]
    public void An_error_is_a_google_rpc_Status()
    {
        Assert.Equal("""{"code":3,"message":"not OTLP"}""", Encoding.UTF8.GetString(OtlpResponses.StatusJson(3, "not OTLP")));

        using var status = new Google.Protobuf.CodedInputStream(OtlpResponses.StatusProtobuf(14, "busy", TimeSpan.FromSeconds(1.5)));
        Assert.Equal(0x08u, status.ReadTag());
        Assert.Equal(14, status.ReadInt32());
        Assert.Equal(0x12u, status.ReadTag());
        Assert.Equal("busy", status.ReadString());
        Assert.Equal(0x1Au, status.ReadTag());
        Any detail = Any.Parser.ParseFrom(status.ReadBytes());
        Assert.Equal("type.googleapis.com/google.rpc.RetryInfo", detail.TypeUrl);
        using var retry = new Google.Protobuf.CodedInputStream(detail.Value.ToByteArray());
        Assert.Equal(0x0Au, retry.ReadTag());
        Assert.Equal(TimeSpan.FromSeconds(1.5), Duration.Parser.ParseFrom(retry.ReadBytes()).ToTimeSpan());
        Assert.True(status.IsAtEnd);
    }
}
