using System.Text;
using System.Text.Json;
using Handrail.Telemetry;
using static Handrail.Otlp.OtlpRequest;

namespace Handrail.Otlp;

/// <summary>Hostile telemetry costs little memory and keeps nothing else from being read.</summary>
public sealed class PoisonTests
{
    private static Step Read(params (string, object?)[] attributes) => Assert.Single(
        OtlpTraces.ReadProtobuf(new OtlpRequest(new SpanSpec { Attributes = attributes }).ToProtobuf(), Fixture.Now).Steps);

    [Fact]
    public void A_huge_text_is_cut_with_a_mark()
    {
        string huge = new('é', 5_000_000);
        Step step = Read(("note", huge), ("gen_ai.input.messages", huge), ("session.id", huge), ("gen_ai.agent.name", "after"));
        Assert.Equal("after", step.AgentName);
        Assert.InRange(step.AttributesJson.Length, 32 * 1024, 80 * 1024);
        Assert.InRange(step.InputMessages!.Length, 32 * 1024, 33 * 1024);
        Assert.EndsWith("é… [truncated, 10000000 bytes]", step.InputMessages, StringComparison.Ordinal);
        Assert.Equal(512, step.SessionId!.Length);
        Assert.DoesNotContain('\uFFFD', step.AttributesJson);
    }

    [Fact]
    public void Of_very_many_attributes_the_known_ones_are_found_and_the_rest_is_counted()
    {
        IEnumerable<(string, object?)> many = Enumerable.Range(0, 100_000).Select(i => ($"k{i}", (object?)i));
        Step step = Read([.. many, ("gen_ai.operation.name", "chat")]);
        Assert.Equal(StepKind.Llm, step.Kind);
        using JsonDocument carried = JsonDocument.Parse(step.AttributesJson);
        Assert.Equal(100_001 - 4097, carried.RootElement.GetProperty("dropped_attributes").GetInt32());
    }

    [Fact]
    public void Of_very_many_events_the_rest_is_counted_and_the_last_is_kept()
    {
        Step step = Assert.Single(OtlpTraces.ReadProtobuf(
            new OtlpRequest(new SpanSpec
            {
                Events = [.. Enumerable.Repeat(("token", Array.Empty<(string, object?)>()), 10_000), ("exception", [("exception.type", "Cut")])],
            }).ToProtobuf(),
            Fixture.Now).Steps);
        Assert.Equal((true, "Cut"), (step.Failed, step.ErrorType));
        using JsonDocument carried = JsonDocument.Parse(step.AttributesJson);
        Assert.Equal(256, carried.RootElement.GetProperty("events").GetArrayLength());
        Assert.Equal(10_001 - 256, carried.RootElement.GetProperty("dropped_events").GetInt32());
    }

    [Fact]
    public void Large_attributes_together_stay_bounded()
    {
        string large = new('x', 60_000);
        Step step = Read([.. Enumerable.Range(0, 200).Select(i => ($"k{i}", (object?)large))]);
        Assert.InRange(step.AttributesJson.Length, 1 << 20, 1_200_000);
    }

    [Fact]
    public void Deep_nesting_is_cut_and_the_span_is_kept_in_both_encodings()
    {
        byte[] value = Field(1, "core");
        for (int i = 0; i < 20_000; i++)
            value = Field(5, Field(1, value));
        byte[] span = Join(
            Field(1, new SpanSpec().TraceId), Field(2, new SpanSpec().SpanId), Field(9, Join(Field(1, "deep"), Field(2, value))));
        Step fromProtobuf = Assert.Single(OtlpTraces.ReadProtobuf(Field(1, Field(2, Field(2, span))), Fixture.Now).Steps);
        Assert.Contains("nested too deep", fromProtobuf.AttributesJson, StringComparison.Ordinal);

        var nested = new StringBuilder();
        for (int i = 0; i < 20_000; i++)
            nested.Append("""{"arrayValue":{"values":[""");
        nested.Append("""{"stringValue":"core"}""").Insert(nested.Length, "]}}", 20_000);
        string json = $$$"""
            {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"",
              "attributes":[{"key":"deep","value":{{{nested}}}}]}]}]}]}
            """;
        Step fromJson = Assert.Single(OtlpTraces.ReadJson(Encoding.UTF8.GetBytes(json), Fixture.Now).Steps);
        Assert.Equal(fromProtobuf.AttributesJson, fromJson.AttributesJson);
    }

    [Fact]
    public void A_large_resource_over_many_small_spans_does_not_multiply_the_request()
    {
        SpanSpec[] spans = [.. Enumerable.Range(1, 20_000).Select(i => new SpanSpec { SpanId = BitConverter.GetBytes((long)i), Name = "" })];
        var request = new OtlpRequest(spans) { Resource = [("service.name", "s"), ("big", new string('x', 60_000))] };
        OtlpReadResult result = OtlpTraces.ReadProtobuf(request.ToProtobuf(), Fixture.Now);
        Assert.Equal(20_000, result.Steps.Count);
        Assert.All(result.Steps, step => Assert.Equal("s", step.ServiceName));
        Assert.InRange(result.Steps.Sum(step => (long)step.AttributesJson.Length), 1, 64L << 20);
    }

    [Fact]
    public void Bytes_that_are_no_text_and_zeros_are_replaced()
    {
        byte[] broken = [(byte)'a', 0xFF, 0xC3, (byte)'b', 0, 0xE2, 0x82];
        byte[] attribute = Join(Field(1, broken), Field(2, Field(1, broken)));
        byte[] span = Join(
            Field(1, new SpanSpec().TraceId), Field(2, new SpanSpec().SpanId), Field(5, broken), Field(9, attribute),
            Field(9, Join(Field(1, "session.id"), Field(2, Field(1, broken)))));
        Step step = Assert.Single(OtlpTraces.ReadProtobuf(Field(1, Field(2, Field(2, span))), Fixture.Now).Steps);
        Assert.Equal("a\uFFFD\uFFFDb\uFFFD\uFFFD", step.Name);
        Assert.Equal(step.Name, step.SessionId);
        using JsonDocument carried = JsonDocument.Parse(step.AttributesJson);
        JsonProperty kept = carried.RootElement.GetProperty("attributes").EnumerateObject().First();
        Assert.Equal(step.Name, kept.Name);
        Assert.Equal(step.Name, kept.Value.GetString());
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced_in_JSON_too()
    {
        byte[] body = [
            .. """{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"a"""u8,
            0xFF, .. "\"}]}]}]}"u8];
        Assert.Equal("a\uFFFD", Assert.Single(OtlpTraces.ReadJson(body, Fixture.Now).Steps).Name);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    [InlineData(long.MaxValue)]
    [InlineData("many")]
    [InlineData("")]
    [InlineData(true)]
    public void A_token_count_that_is_none_is_unknown(object count)
    {
        Step step = Read(
            ("gen_ai.operation.name", "chat"), ("gen_ai.usage.input_tokens", count), ("gen_ai.usage.output_tokens", 7),
            ("gen_ai.usage.cost", count));
        Assert.Equal(new TokenUsage(null, 7, null, null, null), step.Usage);
        Assert.Null(step.ReportedCostUsd);
    }
}
