using System.Text;
using Handrail.Telemetry;
using static Handrail.Otlp.OtlpRequest;

namespace Handrail.Otlp;

/// <summary>Protobuf is read as the wire format says: unknown fields are passed over, what is not well-formed is refused.</summary>
public sealed class WireFormatTests
{
    private static readonly SpanSpec Span = new() { Attributes = [("gen_ai.operation.name", "chat")] };

    [Theory]
    [InlineData("0A")] // a length is missing
    [InlineData("0A05")] // shorter than its length
    [InlineData("0AFFFFFFFF0F")] // longer than any body
    [InlineData("0AFFFFFFFFFFFFFFFFFF01")] // longer than 63 bits
    [InlineData("00")] // field 0
    [InlineData("07")] // wire type 7
    [InlineData("0E")] // wire type 6
    [InlineData("0C")] // a group ends that did not begin
    [InlineData("0B")] // a group does not end
    [InlineData("0B14")] // a group ends as another
    [InlineData("10")] // a number is missing
    [InlineData("10FFFFFFFFFFFFFFFFFFFFFF")] // a number of more than ten bytes
    [InlineData("1101020304")] // half a fixed64
    [InlineData("150102")] // half a fixed32
    [InlineData("FFFFFFFFFF7F")] // a tag of more than 32 bits
    [InlineData("0A021208")] // a scope is cut off inside a resource
    public void What_is_not_well_formed_is_refused(string hex) =>
        Assert.Throws<OtlpFormatException>(() => OtlpTraces.ReadProtobuf(Convert.FromHexString(hex), Fixture.Now));

    [Fact]
    public void Unknown_fields_of_every_wire_type_are_passed_over()
    {
        byte[] known = new OtlpRequest(Span).ToProtobuf();
        byte[] unknown = Join(
            Number(900, 5), Fixed(901, 6), Field(902, "text"), [0xB5, 0x38, 1, 2, 3, 4],
            // A group with a group in it.
            [0xBB, 0x38, 0x08, 0x01, 0xC3, 0x38, 0xC4, 0x38, 0xBC, 0x38]);
        Assert.Single(OtlpTraces.ReadProtobuf(Join(unknown, known, unknown), Fixture.Now).Steps);
    }

    [Fact]
    public void A_known_field_with_another_wire_type_is_an_unknown_one() =>
        Assert.Empty(OtlpTraces.ReadProtobuf(Join(Number(1, 7), Fixed(1, 7)), Fixture.Now).Steps);

    [Fact]
    public void A_resource_may_stand_after_its_spans()
    {
        byte[] span = Join(Field(1, Span.TraceId), Field(2, Span.SpanId));
        byte[] service = Join(Field(1, "service.name"), Field(2, Field(1, "late")));
        byte[] body = Field(1, Join(Field(2, Field(2, span)), Field(1, Field(1, service))));
        Assert.Equal("late", Assert.Single(OtlpTraces.ReadProtobuf(body, Fixture.Now).Steps).ServiceName);
    }

    [Fact]
    public void Numbers_and_names_stand_for_enums_and_both_spellings_for_members()
    {
        const string body = """
            {"resource_spans":[{"scope_spans":[{"scope":{"name":"s","version":"2"},"spans":[
              {"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","parent_span_id":"","kind":"SPAN_KIND_CLIENT",
               "start_time_unix_nano":1795433717115000000,"end_time_unix_nano":1.795433718115e18,"status":{"code":"STATUS_CODE_ERROR","message":"no"},
               "attributes":[{"key":"n","value":{"int_value":7}},{"key":"x","value":{"doubleValue":"NaN"}},{"key":"y","value":{"doubleValue":"0.5"}},
                             {"key":"big","value":{"intValue":"99999999999999999999"}},{"key":"odd","value":{"intValue":"many"}},{"key":"none","value":null}]}]}]}]}
            """;
        Step step = Assert.Single(OtlpTraces.ReadJson(Encoding.UTF8.GetBytes(body), Fixture.Now).Steps);
        Assert.True(step.Failed);
        Assert.Equal("no", step.ErrorMessage);
        Assert.Equal("2", step.ScopeVersion);
        Assert.Null(step.ParentSpanId);
        Assert.Equal(TimeSpan.FromSeconds(1), step.EndedAt - step.StartedAt);
        Assert.StartsWith(
            """{"attributes":{"n":7,"x":"NaN","y":0.5,"big":"99999999999999999999","odd":"many","none":null},"span_kind":"client","status":{"code":2,"message":"no"}""",
            step.AttributesJson,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""plain \"quoted\" \\ \/ \b\f\n\r\t""", "plain \"quoted\" \\ / \b\f\n\r\t")]
    [InlineData("""\u0041\u00e9\u20ac\ud83d\ude00""", "Aé€😀")]
    [InlineData("""half \ud83d and \ude00 and \ud83d\u0041""", "half \uFFFD and \uFFFD and \uFFFDA")]
    [InlineData("""nothing \u0000 here""", "nothing \uFFFD here")]
    public void Escapes_in_JSON_are_undone(string escaped, string meant)
    {
        string body = $$$"""
            {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"{{{escaped}}}"}]}]}]}
            """;
        Assert.Equal(meant, Assert.Single(OtlpTraces.ReadJson(Encoding.UTF8.GetBytes(body), Fixture.Now).Steps).Name);
    }
}
