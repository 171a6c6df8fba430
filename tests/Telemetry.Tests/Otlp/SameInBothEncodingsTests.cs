using CsCheck;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>Protobuf and JSON of the same content give the same steps.</summary>
public sealed class SameInBothEncodingsTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOfConst("", "chat", "execute_tool", "ERROR", "{\"session_id\":\"m\"}", "é€😀", "\u0000", "a\"b\\c\n", "0.25", "12"),
        Gen.String[Gen.Char['\u0001', '\uD7FF'], 0, 40]);

    private static readonly Gen<string> Key = Gen.OneOf(
        Gen.Int[0, DialectNames.All.Length - 1].Select(i => DialectNames.All[i]), Gen.String[Gen.Char['!', '\u02FF'], 0, 12]);

    private static readonly Gen<object?> Scalar = Gen.OneOf(
        Gen.Const((object?)null), Text.Select(t => (object?)t), Gen.Bool.Select(b => (object?)b),
        Gen.Long.Select(n => (object?)n), Gen.Double.Select(n => (object?)n), Gen.Byte.Array[0, 10].Select(b => (object?)b));

    private static readonly Gen<object?> Value = Gen.OneOf(
        Scalar, Scalar.Array[0, 4].Select(list => (object?)list),
        Gen.Select(Key, Scalar).Array[0, 4].Select(map => (object?)map.Select(m => (m.Item1, m.Item2)).ToArray()));

    private static readonly Gen<(string, object?)[]> Attributes = Gen.Select(Key, Value, (key, value) => (key, value)).Array[0, 12];

    private static readonly Gen<SpanSpec> Span = Gen.Select(
        Gen.Byte.Array[8], Gen.Byte.Array[0, 8], Text, Gen.Int[0, 6], Attributes, Attributes, Gen.Int[0, 3],
        (id, parent, name, kind, attributes, eventAttributes, status) => new SpanSpec
        {
            SpanId = id,
            ParentSpanId = parent,
            Name = name,
            Kind = kind,
            Attributes = attributes,
            Events = status == 3 ? [("exception", eventAttributes), ("gen_ai.choice", eventAttributes)] : [],
            StatusCode = status,
            StatusMessage = status == 2 ? name : "",
        });

    [Fact]
    public void Protobuf_and_JSON_of_the_same_content_give_the_same_steps() =>
        Gen.Select(Span.Array[0, 4], Attributes).Sample(
            (spans, resource) =>
            {
                var request = new OtlpRequest(spans) { Resource = resource };
                OtlpReadResult protobuf = OtlpTraces.ReadProtobuf(request.ToProtobuf(), Fixture.Now);
                OtlpReadResult json = OtlpTraces.ReadJson(request.ToJson(), Fixture.Now);
                Assert.Equal(protobuf.Steps, json.Steps);
                Assert.Equal(protobuf.Rejected, json.Rejected);
                Assert.Equal(protobuf.RejectionReason, json.RejectionReason);
            },
            iter: 2000);
}
