using System.Text;
using System.Text.Json.Nodes;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>A bad record is rejected alone, counted and named; the rest of its request is kept.</summary>
public sealed class RejectionTests
{
    private static readonly SpanSpec Good = new() { Name = "good" };

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static TheoryData<string, object> BadSpans => new()
    {
        { "trace id", Good with { TraceId = new byte[16] } },
        { "trace id", Good with { TraceId = [1, 2, 3] } },
        { "trace id", Good with { TraceId = [] } },
        { "span id", Good with { SpanId = new byte[8] } },
        { "span id", Good with { SpanId = [1, 2, 3, 4, 5, 6, 7, 8, 9] } },
        { "parent span id", Good with { ParentSpanId = [1, 2] } },
        { "future", Good with { Start = Nanoseconds(Fixture.Now.AddDays(2)), End = 0 } },
        { "future", Good with { End = Nanoseconds(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)) } },
        { "future", Good with { Start = ulong.MaxValue, End = ulong.MaxValue } },
    };

    [Theory]
    [MemberData(nameof(BadSpans))]
    public void A_bad_span_is_rejected_alone_in_both_encodings(string reason, object bad)
    {
        var request = new OtlpRequest(Good, (SpanSpec)bad, Good with { SpanId = [9, 9, 9, 9, 9, 9, 9, 9] });
        foreach (OtlpReadResult result in (OtlpReadResult[])
            [OtlpTraces.ReadProtobuf(request.ToProtobuf(), Fixture.Now), OtlpTraces.ReadJson(request.ToJson(), Fixture.Now)])
        {
            Assert.Equal(2, result.Steps.Count);
            Assert.Equal(1, result.Rejected);
            Assert.Contains(reason, result.RejectionReason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_parent_id_of_zeros_or_its_own_is_no_parent()
    {
        var request = new OtlpRequest(
            Good with { ParentSpanId = new byte[8] }, Good with { ParentSpanId = Good.SpanId }, Good with { ParentSpanId = [] });
        Assert.All(OtlpTraces.ReadProtobuf(request.ToProtobuf(), Fixture.Now).Steps, step => Assert.Null(step.ParentSpanId));
    }

    [Fact]
    public void A_time_within_a_day_ahead_is_kept()
    {
        DateTimeOffset ahead = Fixture.Now.AddHours(23);
        var request = new OtlpRequest(Good with { Start = Nanoseconds(ahead), End = Nanoseconds(ahead) });
        Assert.Equal(ahead, Assert.Single(OtlpTraces.ReadProtobuf(request.ToProtobuf(), Fixture.Now).Steps).StartedAt);
    }

    [Theory]
    [InlineData("attributes", "{}")]
    [InlineData("status", "[]")]
    [InlineData("name", "{}")]
    [InlineData("startTimeUnixNano", "\"yesterday\"")]
    [InlineData("endTimeUnixNano", "-5")]
    [InlineData("traceId", "7")]
    [InlineData("spanId", "\"xyz\"")]
    [InlineData("events", "[3]")]
    public void A_span_of_the_wrong_shape_is_rejected_alone(string member, string value)
    {
        JsonObject body = new OtlpRequest(Good, Good with { SpanId = [9, 9, 9, 9, 9, 9, 9, 9] }).ToJsonNode();
        body["resourceSpans"]![0]!["scopeSpans"]![0]!["spans"]![0]![member] = JsonNode.Parse(value);
        OtlpReadResult result = OtlpTraces.ReadJson(Encoding.UTF8.GetBytes(body.ToJsonString()), Fixture.Now);
        Assert.Equal("0909090909090909", Assert.Single(result.Steps).SpanId);
        Assert.Equal(1, result.Rejected);
    }

    [Fact]
    public void Each_reason_is_told_once()
    {
        var request = new OtlpRequest([.. Enumerable.Repeat(Good with { SpanId = [] }, 50), Good with { TraceId = [] }]);
        OtlpReadResult result = OtlpTraces.ReadProtobuf(request.ToProtobuf(), Fixture.Now);
        Assert.Equal(51, result.Rejected);
        Assert.Equal(2, result.RejectionReason!.Split("; ").Length);
    }
}
