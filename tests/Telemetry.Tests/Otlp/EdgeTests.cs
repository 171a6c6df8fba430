using System.Text;
using System.Text.Json;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>Bodies at the edge of the OTLP specification get the answer that it asks for.</summary>
public sealed class EdgeTests
{
    [Fact]
    public void No_bytes_are_an_empty_request()
    {
        OtlpReadResult result = Fixture.Edge("e01-empty-proto").Read();
        Assert.Empty(result.Steps);
        Assert.Equal(0, result.Rejected);
        Assert.Null(result.RejectionReason);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\uFEFF{}")]
    [InlineData("""{"resourceSpans":[]}""")]
    [InlineData("""{"resourceSpans":null}""")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{}]},null,{}]}""")]
    public void Empty_envelopes_are_an_empty_request(string body) =>
        Assert.Empty(OtlpTraces.ReadJson(Encoding.UTF8.GetBytes(body), Fixture.Now).Steps);

    [Fact]
    public void Hex_ids_are_read_in_either_case()
    {
        Step step = Assert.Single(Fixture.Edge("e03-upper-hex").Read().Steps);
        Assert.Equal("5b8efff798038103d269b633813fc60c", step.TraceId);
        Assert.Equal("eee19b7ec3c1b174", step.SpanId);
        Assert.Null(step.ParentSpanId);
        Assert.Equal(StepKind.Llm, step.Kind);
        Assert.Equal("edge-1", step.SessionId);
        Assert.Equal(new TokenUsage(1200, 40, null, null, null), step.Usage);
        Assert.Equal(TimeSpan.FromSeconds(1), step.EndedAt - step.StartedAt);
    }

    [Theory]
    [InlineData("e05-unknown-fields")]
    [InlineData("e13-charset")]
    [InlineData("e17-duplicate")]
    public void What_is_not_known_is_ignored_and_the_span_is_kept(string name)
    {
        Fixture fixture = Fixture.Edge(name);
        Step step = Assert.Single(fixture.Read().Steps);
        Assert.Equal(1200, step.Usage.Input);
        Assert.Equal(step, Assert.Single(fixture.Read().Steps));
    }

    [Fact]
    public void Base64_ids_reject_their_record()
    {
        OtlpReadResult result = Fixture.Edge("e07-base64-ids").Read();
        Assert.Empty(result.Steps);
        Assert.Equal(1, result.Rejected);
        Assert.Contains("trace id", result.RejectionReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_protobuf_is_refused() => Assert.Throws<OtlpFormatException>(() => Fixture.Edge("e09-bad-proto").Read());

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("""{"resourceSpans":{}}""")]
    [InlineData("""{"resourceSpans":[1]}""")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":"x"}]}""")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8e"]}]}]}""")]
    public void What_is_no_trace_request_in_JSON_is_refused(string body) =>
        Assert.Throws<OtlpFormatException>(() => OtlpTraces.ReadJson(Encoding.UTF8.GetBytes(body), Fixture.Now));

    [Fact]
    public void Empty_nested_and_binary_attributes_are_kept_as_they_are()
    {
        Step step = Assert.Single(Fixture.Edge("e15-empty-anyvalue").Read().Steps);
        using JsonDocument carried = JsonDocument.Parse(step.AttributesJson);
        JsonElement attributes = carried.RootElement.GetProperty("attributes");
        Assert.Equal("""{"a":null,"b":{"c":[1,"x"]},"d":"AAEC"}""", attributes.GetRawText());
        Assert.Equal("edge", carried.RootElement.GetProperty("resource").GetProperty("service.name").GetString());
    }

    [Fact]
    public void A_span_without_times_is_kept_at_its_arrival_and_one_that_ends_before_it_starts_takes_no_time()
    {
        OtlpReadResult result = Fixture.Edge("e19-clock-skew").Read();
        Assert.Equal(0, result.Rejected);
        Assert.Collection(
            result.Steps,
            step =>
            {
                Assert.Equal(Fixture.Now, step.StartedAt);
                Assert.Equal(Fixture.Now, step.EndedAt);
            },
            step => Assert.Equal(step.StartedAt, step.EndedAt));
    }
}
