namespace Handrail.Telemetry;

/// <summary>An event or a link of a span as it lies in the request body; its attributes are in the <see cref="Scratch"/>.</summary>
internal struct EventParts
{
    public ulong Time;
    public Slice Name;

    /// <summary>Reads an event, its attributes into <see cref="Scratch.Event"/>.</summary>
    public static EventParts Read(ReadOnlySpan<byte> body, Slice message, Scratch scratch)
    {
        scratch.Event.Clear();
        EventParts parts = default;
        var reader = new WireReader(body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (field == 1 && type == WireType.Fixed64)
                parts.Time = reader.ReadFixed64();
            else if (field == 2 && type == WireType.Bytes)
                parts.Name = reader.ReadBytes();
            else if (field == 3 && type == WireType.Bytes)
                scratch.Event.Add(body, Attribute.Read(body, reader.ReadBytes()));
            else
                reader.Skip(field, type);
        }

        return parts;
    }
}

/// <summary>A link to another span.</summary>
internal struct LinkParts
{
    public Slice TraceId;
    public Slice SpanId;

    public static LinkParts Read(ReadOnlySpan<byte> body, Slice message, Scratch scratch)
    {
        scratch.Event.Clear();
        LinkParts parts = default;
        var reader = new WireReader(body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (field == 1 && type == WireType.Bytes)
                parts.TraceId = reader.ReadBytes();
            else if (field == 2 && type == WireType.Bytes)
                parts.SpanId = reader.ReadBytes();
            else if (field == 4 && type == WireType.Bytes)
                scratch.Event.Add(body, Attribute.Read(body, reader.ReadBytes()));
            else
                reader.Skip(field, type);
        }

        return parts;
    }
}
