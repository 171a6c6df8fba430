using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>Steps as they come out of the dialects.</summary>
internal static class Spans
{
    /// <summary>When the first span begins.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);

    public const string Trace = "000000000000000000000000000000aa";
    public const string OtherTrace = "000000000000000000000000000000bb";

    public static Step Of(int number, StepKind kind = StepKind.Other, int? parent = null, string trace = Trace) => new()
    {
        TraceId = trace,
        SpanId = Id(number),
        ParentSpanId = parent is { } p ? Id(p) : null,
        Name = $"{kind} {number}",
        Kind = kind,
        StartedAt = Noon.AddSeconds(number),
        EndedAt = Noon.AddSeconds(number + 1),
        ServiceName = "shop",
    };

    /// <summary>A model call of 100 tokens in and 10 out, 0.01 USD by its sender.</summary>
    public static Step Call(int number, int? parent = null, string trace = Trace) => Of(number, StepKind.Llm, parent, trace) with
    {
        Usage = new TokenUsage(100, 10, 40, null, null),
        ReportedCostUsd = 0.01m,
        Provider = "openai",
        ResponseModel = "gpt-5.4",
    };

    public static Step Tool(int number, string name, int? parent = null, string trace = Trace) => Of(number, StepKind.Tool, parent, trace) with { ToolName = name };

    public static string Id(int number) => $"{number + 1:x16}";
}
