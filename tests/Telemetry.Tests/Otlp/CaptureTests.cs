using System.Text.Json;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>What real clients sent is read as a person reads it.</summary>
public sealed class CaptureTests
{
    public static TheoryData<string> Clients =>
    [
        "dotnet-agents-http", "openinference-openai", "traceloop", "vercel-ai7", "anthropic-sdk", "claude-code", "vercel-ai6", "langfuse", "langfuse-openai",
        "openinference-langgraph", "openinference-agents", "openinference-agents-chat", "openai-agents", "openai-agents-chat", "gemini-cli", "codex", "litellm-v1",
        "litellm-v2",
    ];

    [Theory]
    [MemberData(nameof(Clients))]
    public void A_capture_is_read_as_a_person_reads_it(string client)
    {
        JsonElement expected = Fixture.Expected(client);
        List<(Step Step, StepReading Reading)> steps = ReadAll(client);
        var calls = steps.Where(s => s.Step.Kind == StepKind.Llm && s.Reading.Counts).Select(s => s.Step).ToList();
        var tools = steps.Where(s => s.Step.Kind == StepKind.Tool && s.Reading.Counts).Select(s => s.Reading).ToList();
        var usages = steps.Where(s => s.Reading.Counts).Select(s => s.Step.Usage).ToList();
        var acting = steps.Where(s => s.Step.Kind is StepKind.Llm or StepKind.Tool).ToList();

        Assert.Equal(Texts(expected, "session_ids"), Distinct(steps.Select(s => s.Reading.SessionId)));
        string[] agents = Texts(expected, "agents");
        Assert.Equal(
            agents.Length > 0 ? agents : Distinct(steps.Select(s => s.Step.ServiceName)),
            Distinct(acting.Select(s => s.Reading.Agent)));
        Assert.All(steps, s => Assert.Equal(expected.GetProperty("end_user").GetString(), s.Reading.EndUser));
        Assert.Equal(Texts(expected, "models"), Distinct(calls.Select(s => s.ResponseModel ?? s.RequestModel)));
        Assert.Equal(expected.GetProperty("llm_ok").GetInt32(), calls.Count(s => !s.Failed));
        Assert.Equal(expected.GetProperty("llm_error").GetInt32(), calls.Count(s => s.Failed));
        Assert.Equal(expected.GetProperty("llm_without_usage").GetInt32(), calls.Count(s => !s.Failed && !s.Usage.IsKnown));
        Assert.Equal(expected.GetProperty("tool_ok").GetInt32(), tools.Count(s => !s.Failed));
        Assert.Equal(expected.GetProperty("tool_error").GetInt32(), tools.Count(s => s.Failed));
        Assert.Equal(expected.GetProperty("handoffs").GetInt32(), steps.Count(s => s.Step.Kind == StepKind.Handoff));
        Assert.Equal(expected.GetProperty("guardrails").GetInt32(), steps.Count(s => s.Step.Kind == StepKind.Guardrail));
        Assert.Equal(expected.GetProperty("turns").GetInt32(), Turns(steps));
        Assert.Equal(Number(expected, "input_tokens"), Sum(usages.Select(u => u.Input)));
        Assert.Equal(Number(expected, "output_tokens"), Sum(usages.Select(u => u.Output)));
        Assert.Equal(Number(expected, "cache_read_tokens"), Sum(usages.Select(u => u.CachedRead)));
        Assert.Equal(Number(expected, "cache_write_tokens"), Sum(usages.Select(u => u.CacheWrite)));
        Assert.Equal(Number(expected, "reasoning_tokens"), Sum(usages.Select(u => u.Reasoning)));
        Assert.Equal(
            expected.GetProperty("computed_cost_usd").GetDecimal(),
            steps.Where(s => s.Reading.CountsCost).Sum(s => PriceTable.BuiltIn.CostOf(s.Step).Computed ?? 0));
        Assert.Equal(
            expected.GetProperty("reported_cost_usd") is { ValueKind: JsonValueKind.Number } reported ? reported.GetDecimal() : 0,
            steps.Where(s => s.Reading.CountsCost).Sum(s => s.Step.ReportedCostUsd ?? 0));
    }

    /// <summary>
    /// It tells of a call by a span, a log event and a metric: the call counts once, with the cost that only the log has, and a tool that
    /// failed has failed by whichever says so.
    /// </summary>
    [Theory]
    [InlineData(OtlpSignal.Traces, OtlpSignal.Logs)]
    [InlineData(OtlpSignal.Logs, OtlpSignal.Traces)]
    [InlineData(OtlpSignal.Logs, OtlpSignal.Logs)]
    public void Claude_Codes_spans_and_log_events_tell_of_each_call_once(OtlpSignal first, OtlpSignal then)
    {
        JsonElement expected = Fixture.Expected("claude-code");
        var steps = Read(Fixture.Capture("claude-code").Where(f => f.Signal == first || f.Signal == then).OrderBy(f => f.Signal == first ? 0 : 1));
        var calls = steps.Where(s => s.Step.Kind == StepKind.Llm && s.Reading.Counts).ToList();
        var tools = steps.Where(s => s.Step.Kind == StepKind.Tool && s.Reading.Counts).ToList();

        Assert.Equal(expected.GetProperty("reported_cost_usd").GetDecimal(), steps.Where(s => s.Reading.CountsCost).Sum(s => PriceTable.BuiltIn.CostOf(s.Step).Usd ?? 0));
        Assert.Equal(expected.GetProperty("llm_ok").GetInt32(), calls.Count(s => !s.Reading.Failed));
        Assert.Equal(expected.GetProperty("llm_error").GetInt32(), calls.Count(s => s.Reading.Failed));
        Assert.Equal(expected.GetProperty("tool_ok").GetInt32(), tools.Count(s => !s.Reading.Failed));
        Assert.Equal(expected.GetProperty("tool_error").GetInt32(), tools.Count(s => s.Reading.Failed));
        Assert.Equal(Number(expected, "input_tokens"), Sum(calls.Select(s => s.Step.Usage.Input)));
        Assert.Equal(Number(expected, "output_tokens"), Sum(calls.Select(s => s.Step.Usage.Output)));
        Assert.Equal(expected.GetProperty("turns").GetInt32(), steps.Select(s => s.Step.TraceId).Distinct().Count());
        Assert.Equal(Texts(expected, "session_ids"), Distinct(steps.Select(s => s.Reading.SessionId)));
        Assert.Equal(Texts(expected, "agents"), Distinct(steps.Select(s => s.Reading.Agent)));
    }

    /// <summary>All steps of a capture, each trace read once all its requests are in.</summary>
    private static List<(Step Step, StepReading Reading)> ReadAll(string client) => Read(Fixture.Capture(client).Where(f => f.Signal != OtlpSignal.Metrics));

    private static List<(Step Step, StepReading Reading)> Read(IEnumerable<Fixture> requests)
    {
        var all = new List<(Step, StepReading)>();
        foreach (IGrouping<string, Step> trace in requests.SelectMany(f => f.Read().Steps).GroupBy(s => s.TraceId))
        {
            Step[] steps = [.. trace];
            StepReading[] readings = TraceReading.Read([.. steps.Select(StepNode.Of)]);
            all.AddRange(steps.Zip(readings));
        }

        return all;
    }

    private static int Turns(List<(Step Step, StepReading Reading)> steps) => steps.GroupBy(s => s.Step.TraceId).Sum(trace =>
    {
        var count = new TurnCounting();
        foreach ((Step step, _) in trace)
            count.Add(step.Telling, step.Dialect, step.Name, step.ParentSpanId is not null);
        return count.Turns;
    });

    private static string[] Texts(JsonElement expected, string member) =>
        [.. expected.GetProperty(member).EnumerateArray().Select(e => e.GetString()!).Order(StringComparer.Ordinal)];

    private static string[] Distinct(IEnumerable<string?> texts) =>
        [.. texts.Select(t => t ?? "(none)").Distinct().Order(StringComparer.Ordinal)];

    private static long? Number(JsonElement expected, string member) =>
        expected.GetProperty(member) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    private static long? Sum(IEnumerable<long?> counts) =>
        counts.Aggregate((long?)null, (sum, count) => count is null ? sum : (sum ?? 0) + count);
}
