namespace Handrail.Telemetry;

/// <summary>A log record as it lies in the request body; its attributes are in the <see cref="Scratch"/>, where a span's are.</summary>
internal struct LogParts
{
    public ulong Time;
    public int Severity;
    public AnyValue Body;
    public Slice TraceId;
    public Slice SpanId;
    public Slice EventName;

    public static LogParts Read(ReadOnlySpan<byte> body, Slice message, Scratch scratch)
    {
        scratch.Span.Clear();
        scratch.Events.Clear();
        scratch.Links.Clear();
        LogParts log = default;
        ulong observed = 0;
        var reader = new WireReader(body, message);
        while (reader.Next(out int field, out WireType type))
        {
            switch (field, type)
            {
                case (1, WireType.Fixed64):
                    log.Time = reader.ReadFixed64();
                    break;
                case (2, WireType.Varint):
                    log.Severity = (int)Math.Min(reader.ReadVarint(), 24);
                    break;
                case (5, WireType.Bytes):
                    log.Body = AnyValue.Read(body, reader.ReadBytes());
                    break;
                case (6, WireType.Bytes):
                    scratch.Span.Add(body, Attribute.Read(body, reader.ReadBytes()));
                    break;
                case (9, WireType.Bytes):
                    log.TraceId = reader.ReadBytes();
                    break;
                case (10, WireType.Bytes):
                    log.SpanId = reader.ReadBytes();
                    break;
                case (11, WireType.Fixed64):
                    observed = reader.ReadFixed64();
                    break;
                case (12, WireType.Bytes):
                    log.EventName = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(field, type);
                    break;
            }
        }

        log.Time = log.Time == 0 ? observed : log.Time;
        return log;
    }
}
