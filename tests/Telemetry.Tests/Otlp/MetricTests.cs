using System.Text;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>What a sender's metrics are read as.</summary>
public sealed class MetricTests
{
    [Fact]
    public void Claude_Codes_metrics_are_read_with_their_session_and_temporality()
    {
        var points = Fixture.Capture("claude-code").Where(f => f.Signal == OtlpSignal.Metrics).SelectMany(f => OtlpMetrics.ReadProtobuf(f.Body, Fixture.Now).Points).ToList();

        Assert.Equal(16, points.Count);
        var tokens = points.Where(p => p.Name == "claude_code.token.usage").ToList();
        Assert.All(tokens, p => Assert.Equal(("claude-code", "33a50703-8fb1-46d2-9815-51035ed02351", MetricKind.Delta), (p.Service, p.SessionId, p.Kind)));
        Assert.Equal(5622 + 226, tokens.Sum(p => p.Value));
        Assert.Equal(0.0128736, points.Where(p => p.Name == "claude_code.cost.usage").Sum(p => p.Value), 1e-9);
    }

    [Fact]
    public void Numbers_and_distributions_are_read_from_JSON_however_their_numbers_are_written()
    {
        var read = Read(
            """
            {"name":"a","unit":"{token}","sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE","dataPoints":[{"startTimeUnixNano":"1795433714000000000","timeUnixNano":"1795433715000000000","asInt":"7","attributes":[{"key":"z","value":{"intValue":1}},{"key":"b","value":{"stringValue":"x"}}]}]}},
            {"name":"b","gauge":{"data_points":[{"time_unix_nano":1795433715000000000,"asDouble":0.5},{"timeUnixNano":"1795433715000000000","asInt":-3}]}},
            {"name":"c","histogram":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"1795433715000000000","count":4,"sum":10.5,"bucketCounts":[1,3],"explicitBounds":[5]}]}}
            """);

        Assert.Equal((0, 4), (read.Rejected, read.Points.Count));
        Assert.Equal(("a", "{token}", MetricKind.Cumulative, 7d, """{"b":"x","z":1}"""), (read.Points[0].Name, read.Points[0].Unit, read.Points[0].Kind, read.Points[0].Value, read.Points[0].AttributesJson));
        Assert.Equal([0.5, -3], read.Points.Where(p => p.Kind == MetricKind.Gauge).Select(p => p.Value));
        Assert.Equal((MetricKind.Delta, 10.5, 4L), (read.Points[3].Kind, read.Points[3].Value, read.Points[3].Count));
    }

    [Theory]
    [InlineData("""{"name":"a","gauge":{"dataPoints":[{"timeUnixNano":"1"}]}}""", "a data point has no value that is a number")]
    [InlineData("""{"name":"a","gauge":{"dataPoints":[{"timeUnixNano":"1","asDouble":"NaN"}]}}""", "a data point has no value that is a number")]
    [InlineData("""{"gauge":{"dataPoints":[{"timeUnixNano":"1","asInt":1}]}}""", "a metric has no name")]
    [InlineData("""{"name":"a","gauge":{"dataPoints":[{"timeUnixNano":"18446744073709551615","asInt":1}]}}""", "a time is more than a day in the future")]
    [InlineData("""{"name":"a","gauge":{"dataPoints":[{"attributes":7,"asInt":1}]}}""", "wrong type")]
    public void A_point_that_cant_be_used_is_rejected_alone(string bad, string why)
    {
        var read = Read(bad + """,{"name":"good","gauge":{"dataPoints":[{"timeUnixNano":"1795433715000000000","asInt":1}]}}""");

        Assert.Equal(1, read.Rejected);
        Assert.Contains(why, read.RejectionReason);
        Assert.Equal("good", Assert.Single(read.Points).Name);
    }

    [Fact]
    public void A_body_that_is_no_request_is_refused()
    {
        Assert.Throws<OtlpFormatException>(() => OtlpMetrics.ReadJson("[]"u8, Fixture.Now));
        Assert.Throws<OtlpFormatException>(() => OtlpMetrics.ReadProtobuf([0x0A], Fixture.Now));
        Assert.Empty(OtlpMetrics.ReadProtobuf([], Fixture.Now).Points);
    }

    private static MetricReadResult Read(string metrics) => OtlpMetrics.ReadJson(
        Encoding.UTF8.GetBytes("{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]},\"scopeMetrics\":[{\"metrics\":[" + metrics + "]}]}]}"), Fixture.Now);
}
