namespace Handrail.Telemetry;

/// <summary>Notes of one record how it was read, while its attributes are still at hand.</summary>
internal static class CoverageLook
{
    private const string NoDialect = "none";

    public static void At(ReadOnlySpan<byte> body, Step step, Slice name, LogEvent? log, SenderCoverage coverage, Scratch scratch)
    {
        coverage.Sampled++;
        SenderCoverage.Count(coverage.Dialects, step.Dialect ?? NoDialect, 1);
        if (step is { Kind: StepKind.Llm, Telling: not Telling.Repeated })
        {
            coverage.Calls++;
            coverage.CallsWithoutUsage += step.Usage.IsKnown || step.Failed ? 0 : 1;
        }

        var facts = new Facts(body, scratch.Span, scratch)
        {
            Kind = step.Kind, Dialect = log?.Dialect, IsRoot = step.ParentSpanId is null, Name = name,
        };
        bool isTool = step.Kind == StepKind.Tool;
        foreach ((string field, Source[] sources, bool? onTools) in CoverageFields.All)
        {
            if ((onTools is null || onTools == isTool) && facts.SourceOf(sources) is { } source)
                coverage.Note(field, source);
        }

        if (log is not null)
            AtEvent(facts, log, coverage);
        for (int i = 0; i < scratch.Span.Count; i++)
        {
            Slice key = scratch.Span[i].Key;
            ReadOnlySpan<byte> utf8 = body.Slice(key.Start, key.Length);
            if (scratch.Span.PrefixAt(i) == 0 && DialectTable.Attributes.Find(utf8) < 0)
                SenderCoverage.Count(coverage.Unknown, scratch.Texts.Get(utf8[..TextPool.Cut(utf8, 200)]).Replace('\0', '\uFFFD'), 1);
        }
    }

    /// <summary>What the event's own row gave.</summary>
    private static void AtEvent(Facts facts, LogEvent log, SenderCoverage coverage)
    {
        foreach ((string field, Source[] sources) in (ReadOnlySpan<(string, Source[])>)
            [
                ("model answered", log.Model), ("tool", log.ToolName), (CoverageFields.InputTokens, log.Tokens?.Input ?? []), ("output tokens", log.Tokens?.Output ?? []),
                ("cached tokens", log.Tokens?.CachedRead ?? []), ("reasoning tokens", log.Tokens?.Reasoning ?? []), ("tool arguments", log.Arguments),
                ("tool result", log.Result), ("messages in", log.Input), ("messages out", log.Output),
            ])
        {
            if (facts.SourceOf(sources) is { } source)
                coverage.Note(field, source);
        }
    }
}
