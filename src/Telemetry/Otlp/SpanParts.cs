namespace Handrail.Telemetry;

/// <summary>A span as it lies in the request body; its attributes, events and links are in the <see cref="Scratch"/>.</summary>
internal struct SpanParts
{
    /// <summary>
    /// Events and links beyond this number are counted, not kept, except the last one: an exception is what a span ends with.
    /// </summary>
    private const int MaxListed = 256;

    public Slice TraceId;
    public Slice SpanId;
    public Slice ParentSpanId;
    public Slice TraceState;
    public Slice Name;
    public Slice StatusMessage;
    public int StatusCode;
    public int Kind;
    public ulong Start;
    public ulong End;
    public int DroppedEvents;
    public int DroppedLinks;

    /// <summary>Of a log record: what it says in its body, and how severe it is (1 to 24, as OTLP has it).</summary>
    public AnyValue Body;
    public int Severity;

    public static SpanParts Read(ReadOnlySpan<byte> body, Slice message, Scratch scratch)
    {
        scratch.Span.Clear();
        scratch.Events.Clear();
        scratch.Links.Clear();
        SpanParts span = default;
        var reader = new WireReader(body, message);
        while (reader.Next(out int field, out WireType type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    span.TraceId = reader.ReadBytes();
                    break;
                case (2, WireType.Bytes):
                    span.SpanId = reader.ReadBytes();
                    break;
                case (3, WireType.Bytes):
                    span.TraceState = reader.ReadBytes();
                    break;
                case (4, WireType.Bytes):
                    span.ParentSpanId = reader.ReadBytes();
                    break;
                case (5, WireType.Bytes):
                    span.Name = reader.ReadBytes();
                    break;
                case (6, WireType.Varint):
                    span.Kind = (int)reader.ReadVarint();
                    break;
                case (7, WireType.Fixed64):
                    span.Start = reader.ReadFixed64();
                    break;
                case (8, WireType.Fixed64):
                    span.End = reader.ReadFixed64();
                    break;
                case (9, WireType.Bytes):
                    scratch.Span.Add(body, Attribute.Read(body, reader.ReadBytes()));
                    break;
                case (11, WireType.Bytes):
                    span.DroppedEvents += Keep(scratch.Events, reader.ReadBytes());
                    break;
                case (13, WireType.Bytes):
                    span.DroppedLinks += Keep(scratch.Links, reader.ReadBytes());
                    break;
                case (15, WireType.Bytes):
                    span.ReadStatus(body, reader.ReadBytes());
                    break;
                default:
                    reader.Skip(field, type);
                    break;
            }
        }

        return span;
    }

    private static int Keep(List<Slice> list, Slice item)
    {
        if (list.Count < MaxListed)
        {
            list.Add(item);
            return 0;
        }

        list[^1] = item;
        return 1;
    }

    private void ReadStatus(ReadOnlySpan<byte> body, Slice message)
    {
        var reader = new WireReader(body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (field == 2 && type == WireType.Bytes)
                StatusMessage = reader.ReadBytes();
            else if (field == 3 && type == WireType.Varint)
                StatusCode = (int)reader.ReadVarint();
            else
                reader.Skip(field, type);
        }
    }
}
