using CsCheck;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>No body, however broken, does anything but give a result or be refused.</summary>
public sealed class FuzzTests
{
    private static readonly Fixture[] Bodies =
    [
        .. CaptureTests.Clients.SelectMany(row => Fixture.Capture(row.Data)),
        Fixture.Edge("e03-upper-hex"), Fixture.Edge("e05-unknown-fields"), Fixture.Edge("e15-empty-anyvalue"),
    ];

    private enum Mutation
    {
        Overwrite,
        Remove,
        Insert,
        Cut,
        Repeat,
    }

    private static readonly Gen<(Mutation Kind, double At, byte[] Bytes)[]> Mutations = Gen.Select(
        Gen.OneOfConst(Enum.GetValues<Mutation>()), Gen.Double[0, 1],
        Gen.OneOf(Gen.Byte.Array[1, 6], Gen.OneOfConst<byte[]>([0xFF], [0x80], [0x00], [(byte)'"'], [(byte)'{'], [(byte)'\\'])),
        (kind, at, bytes) => (kind, at, bytes)).Array[1, 8];

    [Fact]
    public void A_mutated_capture_is_read_or_refused() =>
        Gen.Select(Gen.Int[0, Bodies.Length - 1], Mutations).Sample(
            (body, mutations) =>
            {
                Fixture fixture = Bodies[body];
                byte[] bytes = mutations.Aggregate(fixture.Body, Apply);
                ReadsOrRefuses(() => OtlpTraces.ReadProtobuf(bytes, Fixture.Now));
                ReadsOrRefuses(() => OtlpTraces.ReadJson(bytes, Fixture.Now));
            },
            iter: 4000);

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Gen.Byte.Array[0, 200].Sample(
            bytes =>
            {
                ReadsOrRefuses(() => OtlpTraces.ReadProtobuf(bytes, Fixture.Now));
                ReadsOrRefuses(() => OtlpTraces.ReadJson(bytes, Fixture.Now));
            },
            iter: 4000);

    private static void ReadsOrRefuses(Func<OtlpReadResult> read)
    {
        try
        {
            OtlpReadResult result = read();
            Assert.All(result.Steps, step =>
            {
                Assert.Equal(32, step.TraceId.Length);
                Assert.Equal(16, step.SpanId.Length);
                Assert.True(step.EndedAt >= step.StartedAt);
                Assert.DoesNotContain('\0', step.AttributesJson);
                System.Text.Json.JsonDocument.Parse(step.AttributesJson).Dispose();
            });
            TraceReading.Read([.. result.Steps.Select(StepNode.Of)]);
        }
        catch (OtlpFormatException)
        {
            // Refused: the only other way out.
        }
    }

    private static byte[] Apply(byte[] body, (Mutation Kind, double At, byte[] Bytes) mutation)
    {
        if (body.Length == 0)
            return mutation.Bytes;
        int at = Math.Min((int)(mutation.At * body.Length), body.Length - 1);
        int length = Math.Min(mutation.Bytes.Length, body.Length - at);
        return mutation.Kind switch
        {
            Mutation.Overwrite => [.. body[..at], .. mutation.Bytes[..length], .. body[(at + length)..]],
            Mutation.Remove => [.. body[..at], .. body[(at + length)..]],
            Mutation.Insert => [.. body[..at], .. mutation.Bytes, .. body[at..]],
            Mutation.Cut => body[..at],
            _ => [.. body[..at], .. body[(at / 2)..]],
        };
    }
}
