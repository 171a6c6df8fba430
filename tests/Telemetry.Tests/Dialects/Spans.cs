using Handrail.Otlp;
using Handrail.Telemetry;

namespace Handrail.Dialects;

/// <summary>One span with the given attributes, read.</summary>
internal static class Spans
{
    public static Step Read(params (string Key, object? Value)[] attributes) => Read(new SpanSpec { Attributes = attributes });

    public static Step ReadChild(params (string Key, object? Value)[] attributes) =>
        Read(new SpanSpec { Attributes = attributes, ParentSpanId = [8, 7, 6, 5, 4, 3, 2, 1] });

    public static Step Read(SpanSpec span) =>
        Assert.Single(OtlpTraces.ReadProtobuf(new OtlpRequest(span).ToProtobuf(), Fixture.Now).Steps);
}
