namespace Handrail.Telemetry;

/// <summary>
/// Walks an ExportTraceServiceRequest or an ExportLogsServiceRequest in protobuf: both have resources, scopes and records in the same
/// fields.
/// </summary>
internal ref struct RecordRequest(OtlpSignal signal, ReadOnlySpan<byte> body, DateTimeOffset now, Scratch scratch)
{
    /// <summary>
    /// A resource's attributes are kept with every step. Beyond this many bytes of copies, for one request, they are
    /// left out: a large resource over many tiny spans must not multiply the request.
    /// </summary>
    private const long MaxCopied = 32L << 20;

    /// <summary>So many of a sender's records in a request, and then each so-manieth.</summary>
    private const int LookedAtClosely = 16;

    private const string InTheFuture = "a time is more than a day in the future";

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly List<Step> _steps = [];
    private readonly SortedSet<string> _reasons = new(StringComparer.Ordinal);
    private int _rejected;
    private readonly Dictionary<SenderName, SenderCoverage> _coverage = [];
    private int _leftOut;
    private long _copied;

    /// <summary>Reads a request in protobuf.</summary>
    /// <param name="rejections">The reason of each record that was left out when it was turned into protobuf.</param>
    public static OtlpReadResult Read(OtlpSignal signal, ReadOnlySpan<byte> body, IReadOnlyList<string> rejections, DateTimeOffset now)
    {
        Scratch scratch = Scratch.Rent();
        var request = new RecordRequest(signal, body, now, scratch);
        foreach (string reason in rejections)
            request.Reject(reason);
        OtlpReadResult result = request.Read();
        scratch.Return();
        return result;
    }

    private OtlpReadResult Read()
    {
        var reader = new WireReader(_body, new Slice(0, _body.Length));
        while (reader.Next(out int field, out WireType type))
        {
            if (field == 1 && type == WireType.Bytes)
                ReadResourceRecords(reader.ReadBytes());
            else
                reader.Skip(field, type);
        }

        return new OtlpReadResult(_steps, _rejected, _reasons.Count == 0 ? null : string.Join("; ", _reasons)) { LeftOut = _leftOut, Coverage = _coverage };
    }

    private void Reject(string reason)
    {
        _rejected++;
        _reasons.Add(reason);
    }

    private void ReadResourceRecords(Slice message)
    {
        // The resource may stand after its records, so it is looked for first.
        ResourceFacts resource = ReadResource(message);
        var reader = new WireReader(_body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (field == 2 && type == WireType.Bytes)
                ReadScopeRecords(reader.ReadBytes(), resource);
            else
                reader.Skip(field, type);
        }
    }

    private ResourceFacts ReadResource(Slice message)
    {
        AttributeSet attributes = scratch.Resource;
        attributes.Clear();
        ReadAttributes(message, 1, 1, attributes);
        var facts = new Facts(_body, attributes, scratch) { IsRoot = true };
        string? service = facts.Label(DialectTable.ServiceName);
        return new ResourceFacts
        {
            ServiceName = service,
            Coverage = Sender(facts, service),
            Ledger = Array.Find(DialectTable.LedgersInLogs, ledger => ledger.Services.Contains(service)),
            ServiceVersion = facts.Label(DialectTable.ServiceVersion),
            SessionId = facts.Label(DialectTable.Session),
            Json = StepJson.Write(_body, attributes, scratch),
        };
    }

    private readonly SenderCoverage Sender(Facts facts, string? service)
    {
        string? language = facts.Label(DialectTable.SdkLanguage);
        string? sdk = facts.Label(DialectTable.SdkName);
        var name = new SenderName(service, language is null ? sdk : $"{sdk} ({language})", facts.Label(DialectTable.SdkVersion));
        if (!_coverage.TryGetValue(name, out SenderCoverage? coverage))
            _coverage[name] = coverage = new SenderCoverage();
        return coverage;
    }

    private void ReadScopeRecords(Slice message, ResourceFacts resource)
    {
        ScopeFacts scope = ReadScope(message);
        var reader = new WireReader(_body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (field != 2 || type != WireType.Bytes)
                reader.Skip(field, type);
            else if (signal == OtlpSignal.Logs)
                ReadLogRecord(reader.ReadBytes(), resource, scope);
            else
                ReadSpan(reader.ReadBytes(), resource, scope);
        }
    }

    private ScopeFacts ReadScope(Slice message)
    {
        scratch.Resource.Clear();
        ReadAttributes(message, 1, 3, scratch.Resource);
        byte[] json = StepJson.Write(_body, scratch.Resource, scratch);
        string? name = null;
        string? version = null;
        var outer = new WireReader(_body, message);
        while (outer.Next(out int field, out WireType type))
        {
            if (field != 1 || type != WireType.Bytes)
            {
                outer.Skip(field, type);
                continue;
            }

            var scope = new WireReader(_body, outer.ReadBytes());
            while (scope.Next(out field, out type))
            {
                if (field == 1 && type == WireType.Bytes)
                    name = Text(scope.ReadBytes());
                else if (field == 2 && type == WireType.Bytes)
                    version = Text(scope.ReadBytes());
                else
                    scope.Skip(field, type);
            }
        }

        return new ScopeFacts(name, version, json);
    }

    /// <summary>Collects the attributes (in field <paramref name="inner"/>) of the message in field <paramref name="outer"/>.</summary>
    private readonly void ReadAttributes(Slice message, int outer, int inner, AttributeSet into)
    {
        var envelope = new WireReader(_body, message);
        while (envelope.Next(out int field, out WireType type))
        {
            if (field != outer || type != WireType.Bytes)
            {
                envelope.Skip(field, type);
                continue;
            }

            var reader = new WireReader(_body, envelope.ReadBytes());
            while (reader.Next(out field, out type))
            {
                if (field == inner && type == WireType.Bytes)
                    into.Add(_body, Attribute.Read(_body, reader.ReadBytes()));
                else
                    reader.Skip(field, type);
            }
        }
    }

    private void ReadSpan(Slice message, ResourceFacts resource, ScopeFacts scope)
    {
        SpanParts span = SpanParts.Read(_body, message, scratch);
        if (span.TraceId.Length != 16 || StepMapping.IsZero(_body, span.TraceId))
        {
            Reject("a trace id is not 16 bytes other than zero");
        }
        else if (span.SpanId.Length != 8 || StepMapping.IsZero(_body, span.SpanId))
        {
            Reject("a span id is not 8 bytes other than zero");
        }
        else if (span.ParentSpanId.Length is not (0 or 8))
        {
            Reject("a parent span id is not 8 bytes");
        }
        else if (!OtlpTime.TryRead(span.Start, span.End, now, out DateTimeOffset startedAt, out DateTimeOffset endedAt))
        {
            Reject(InTheFuture);
        }
        else if (resource.Ledger?.KeptSpans is { } kept && !kept.Contains(TextPool.Decode(_body.Slice(span.Name.Start, span.Name.Length))))
        {
            LeaveOut(resource);
        }
        else
        {
            (resource, scope) = Bounded(resource, scope);
            Add(StepMapping.Map(_body, span, startedAt, endedAt, resource, scope, scratch), resource, span.Name, null);
        }
    }

    private void ReadLogRecord(Slice message, ResourceFacts resource, ScopeFacts scope)
    {
        LogParts log = LogParts.Read(_body, message, scratch);
        if (log.TraceId.Length is not (0 or 16))
        {
            Reject("a trace id is not 16 bytes");
        }
        else if (log.SpanId.Length is not (0 or 8))
        {
            Reject("a span id is not 8 bytes");
        }
        else if (!OtlpTime.TryRead(log.Time, log.Time, now, out DateTimeOffset at, out _))
        {
            Reject(InTheFuture);
        }
        else if (LogStep.Find(_body, log, scratch) is not { } found)
        {
            LeaveOut(resource);
        }
        else
        {
            (resource, scope) = Bounded(resource, scope);
            Add(LogStep.Map(_body, log, found, at, resource, scope, scratch), resource, default, found.Row);
        }
    }

    private void Add(Step step, ResourceFacts resource, Slice name, LogEvent? log)
    {
        _steps.Add(step);
        resource.Coverage.Records++;
        if (resource.Coverage.Records <= LookedAtClosely || resource.Coverage.Records % LookedAtClosely == 0)
            CoverageLook.At(_body, step, name, log, resource.Coverage, scratch);
    }

    private void LeaveOut(ResourceFacts resource)
    {
        _leftOut++;
        resource.Coverage.LeftOut++;
    }

    private (ResourceFacts Resource, ScopeFacts Scope) Bounded(ResourceFacts resource, ScopeFacts scope)
    {
        _copied += resource.Json.Length + scope.Json.Length;
        return _copied > MaxCopied + _body.Length ? (resource with { Json = [] }, scope with { Json = [] }) : (resource, scope);
    }

    private readonly string? Text(Slice slice)
    {
        ReadOnlySpan<byte> utf8 = _body.Slice(slice.Start, slice.Length);
        return utf8.IsEmpty ? null : scratch.Texts.Get(utf8[..TextPool.Cut(utf8, 256)]);
    }
}
