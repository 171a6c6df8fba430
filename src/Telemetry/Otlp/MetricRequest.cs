using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>Walks an ExportMetricsServiceRequest in protobuf: resources, scopes, metrics, data points.</summary>
internal ref struct MetricRequest(ReadOnlySpan<byte> body, DateTimeOffset now, Scratch scratch)
{
    private const int LongestName = 256;
    private const int Delta = 1;

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly List<MetricPoint> _points = [];
    private readonly SortedSet<string> _reasons = new(StringComparer.Ordinal);
    private int _rejected;

    public MetricReadResult Read()
    {
        foreach (Slice resource in Messages(new Slice(0, _body.Length), 1))
            ReadResource(resource);
        return new MetricReadResult(_points, _rejected, _reasons.Count == 0 ? null : string.Join("; ", _reasons));
    }

    /// <summary>Counts a point that can't be used.</summary>
    public void Reject(string reason)
    {
        _rejected++;
        _reasons.Add(reason);
    }

    private void ReadResource(Slice message)
    {
        scratch.Resource.Clear();
        foreach (Slice resource in Messages(message, 1))
        {
            foreach (Slice attribute in Messages(resource, 1))
                scratch.Resource.Add(_body, Attribute.Read(_body, attribute));
        }

        var facts = new Facts(_body, scratch.Resource, scratch) { IsRoot = true };
        var sender = (facts.Label(DialectTable.ServiceName), facts.Label(DialectTable.ServiceInstance));
        string? session = facts.Label(DialectTable.Session);
        foreach (Slice scope in Messages(message, 2))
        {
            foreach (Slice metric in Messages(scope, 2))
                ReadMetric(metric, sender, session);
        }
    }

    private void ReadMetric(Slice message, (string? Service, string? Instance) sender, string? session)
    {
        string? name = null;
        string? unit = null;
        var reader = new WireReader(_body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (field == 1 && type == WireType.Bytes)
                name = Text(reader.ReadBytes());
            else if (field == 3 && type == WireType.Bytes)
                unit = Text(reader.ReadBytes());
            else
                reader.Skip(field, type);
        }

        foreach ((int field, int attributes) in (ReadOnlySpan<(int, int)>)[(5, 7), (7, 7), (9, 9), (10, 1), (11, 7)])
        {
            foreach (Slice data in Messages(message, field))
            {
                MetricKind kind = field == 5 ? MetricKind.Gauge : Temporality(data) == Delta ? MetricKind.Delta : MetricKind.Cumulative;
                foreach (Slice point in Messages(data, 1))
                    ReadPoint(point, attributes, isNumber: field <= 7, sender, session, name, unit, kind);
            }
        }
    }

    private readonly int Temporality(Slice data)
    {
        int temporality = 0;
        var reader = new WireReader(_body, data);
        while (reader.Next(out int field, out WireType type))
        {
            if (field == 2 && type == WireType.Varint)
                temporality = (int)reader.ReadVarint();
            else
                reader.Skip(field, type);
        }

        return temporality;
    }

    private void ReadPoint(Slice message, int attributes, bool isNumber, (string? Service, string? Instance) sender, string? session, string? name, string? unit, MetricKind kind)
    {
        scratch.Span.Clear();
        ulong start = 0;
        ulong time = 0;
        double? value = null;
        long? count = null;
        var reader = new WireReader(_body, message);
        while (reader.Next(out int field, out WireType type))
        {
            switch (field, type)
            {
                case (_, WireType.Bytes) when field == attributes:
                    scratch.Span.Add(_body, Attribute.Read(_body, reader.ReadBytes()));
                    break;
                case (2, WireType.Fixed64):
                    start = reader.ReadFixed64();
                    break;
                case (3, WireType.Fixed64):
                    time = reader.ReadFixed64();
                    break;
                case (4, WireType.Fixed64) when isNumber:
                case (5, WireType.Fixed64) when !isNumber:
                    value = BitConverter.UInt64BitsToDouble(reader.ReadFixed64());
                    break;
                case (4, WireType.Fixed64):
                    count = (long)Math.Min(reader.ReadFixed64(), long.MaxValue);
                    break;
                case (6, WireType.Fixed64) when isNumber:
                    value = (long)reader.ReadFixed64();
                    break;
                case (6, WireType.Varint) when isNumber:
                    // As the JSON encoding is turned into protobuf.
                    value = (long)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(field, type);
                    break;
            }
        }

        // A distribution need not have a sum, where negative values were measured.
        value ??= count is null ? null : 0;
        if (string.IsNullOrWhiteSpace(name))
            Reject("a metric has no name");
        else if (value is not { } number || !double.IsFinite(number))
            Reject("a data point has no value that is a number");
        else if (!OtlpTime.TryRead(time, time, now, out DateTimeOffset at, out _))
            Reject("a time is more than a day in the future");
        else
            _points.Add(new MetricPoint(sender.Service, sender.Instance, new Facts(_body, scratch.Span, scratch).Label(DialectTable.Session) ?? session, name, unit, Attributes(), kind, start == 0 ? null : OtlpTime.At(start), at, number, count));
    }

    /// <summary>In the order of their names: the same series has the same text, however its sender orders them.</summary>
    private readonly string Attributes()
    {
        if (scratch.Span.Count == 0)
            return "{}";
        using JsonDocument written = JsonDocument.Parse(StepJson.Write(_body, scratch.Span, scratch));
        return JsonSerializer.Serialize(new SortedDictionary<string, JsonElement>(
            written.RootElement.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value), StringComparer.Ordinal));
    }

    private readonly string? Text(Slice slice)
    {
        ReadOnlySpan<byte> utf8 = _body.Slice(slice.Start, slice.Length);
        return utf8.IsEmpty ? null : TextPool.Decode(utf8[..TextPool.Cut(utf8, LongestName)]);
    }

    /// <summary>The messages in a field of a message.</summary>
    private readonly List<Slice> Messages(Slice message, int wanted)
    {
        var found = new List<Slice>();
        var reader = new WireReader(_body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (field == wanted && type == WireType.Bytes)
                found.Add(reader.ReadBytes());
            else
                reader.Skip(field, type);
        }

        return found;
    }
}
