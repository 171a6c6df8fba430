using Handrail.Otlp;
using Handrail.Telemetry;

namespace Handrail.Dialects;

/// <summary>Tokens come from one source, made alike; a cost that is no cost is unknown; a failure shows in five ways.</summary>
public sealed class MeasureTests
{
    [Theory]
    [InlineData("input_tokens", "output_tokens", "cache_read.input_tokens", "cache_write.input_tokens", "reasoning.output_tokens")]
    [InlineData("input_tokens", "output_tokens", "cache_read.input_tokens", "cache_creation.input_tokens", "reasoning.output_tokens")]
    [InlineData("prompt_tokens", "completion_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "reasoning_tokens")]
    public void All_generations_of_the_GenAI_conventions_are_read(string input, string output, string read, string write, string reasoning) =>
        Assert.Equal(
            new TokenUsage(1000, 50, 300, 200, 20),
            Spans.Read(
                ("gen_ai.usage." + input, 1000), ("gen_ai.usage." + output, 50), ("gen_ai.usage." + read, 300),
                ("gen_ai.usage." + write, 200), ("gen_ai.usage." + reasoning, 20)).Usage);

    [Fact]
    public void OpenInference_counts_are_read() =>
        Assert.Equal(
            new TokenUsage(1000, 50, 300, 200, 20),
            Spans.Read(
                ("llm.token_count.prompt", 1000), ("llm.token_count.completion", 50), ("llm.token_count.prompt_details.cache_read", 300),
                ("llm.token_count.prompt_details.cache_write", 200), ("llm.token_count.completion_details.reasoning", 20)).Usage);

    [Fact]
    public void The_AI_SDKs_counts_are_read_and_fill_the_gaps_of_the_conventions()
    {
        (string, object?)[] details =
        [
            ("ai.usage.inputTokenDetails.cacheReadTokens", 300), ("ai.usage.inputTokenDetails.cacheWriteTokens", 200),
            ("ai.usage.outputTokenDetails.reasoningTokens", 20),
        ];
        var expected = new TokenUsage(1000, 50, 300, 200, 20);
        Assert.Equal(expected, Spans.Read([("ai.usage.inputTokens", 1000), ("ai.usage.outputTokens", 50), .. details]).Usage);
        Assert.Equal(expected, Spans.Read([("ai.usage.promptTokens", 1000), ("ai.usage.completionTokens", 50), .. details]).Usage);
        Assert.Equal(expected, Spans.Read([("gen_ai.usage.input_tokens", 1000), ("gen_ai.usage.output_tokens", 50), .. details]).Usage);
    }

    [Fact]
    public void Langfuse_buckets_leave_out_the_cache_and_reasoning_which_are_added() =>
        Assert.Equal(
            new TokenUsage(1000, 50, 300, 200, 20),
            Spans.Read(("langfuse.observation.usage_details",
                """{"input":500,"input_cached_tokens":300,"input_cache_creation_5m":150,"input_cache_creation_1h":50,"output":30,"output_reasoning_tokens":20,"total":1050}"""))
                .Usage);

    [Fact]
    public void Claude_Codes_input_leaves_out_the_cache_which_is_added() =>
        Assert.Equal(
            new TokenUsage(1000, 50, 300, 200, null),
            Spans.Read(
                ("span.type", "llm_request"), ("input_tokens", 500), ("output_tokens", 50), ("cache_read_tokens", 300),
                ("cache_creation_tokens", 200)).Usage);

    [Fact]
    public void A_cache_larger_than_the_input_was_counted_beside_it() =>
        Assert.Equal(
            new TokenUsage(1100, 50, 900, 100, null),
            Spans.Read(
                ("gen_ai.usage.input_tokens", 100), ("gen_ai.usage.output_tokens", 50),
                ("gen_ai.usage.cache_read_input_tokens", 900), ("gen_ai.usage.cache_creation_input_tokens", 100)).Usage);

    [Fact]
    public void A_set_of_counts_comes_from_one_source_only() =>
        Assert.Equal(
            new TokenUsage(10, null, null, null, null),
            Spans.Read(("gen_ai.usage.input_tokens", 10), ("llm.token_count.completion", 99), ("llm.token_count.prompt_details.cache_read", 7)).Usage);

    [Fact]
    public void Missing_usage_is_unknown_and_not_zero()
    {
        Step step = Spans.Read(("gen_ai.operation.name", "chat"), ("gen_ai.usage.total_tokens", 12));
        Assert.False(step.Usage.IsKnown);
        Assert.Null(step.Usage.Input);
    }

    [Fact]
    public void Counts_sent_as_text_or_doubles_are_read() =>
        Assert.Equal(
            new TokenUsage(12, 3, null, null, null),
            Spans.Read(("gen_ai.usage.input_tokens", "12"), ("gen_ai.usage.output_tokens", 3.0)).Usage);

    [Theory]
    [InlineData("gen_ai.usage.cost")]
    [InlineData("llm.cost.total")]
    [InlineData("litellm.cost.total")]
    [InlineData("gen_ai.cost.total_cost")]
    [InlineData("gen_ai.cost")]
    [InlineData("cost_usd")]
    public void A_cost_the_sender_reports_is_kept(string attribute)
    {
        Assert.Equal(0.0128736m, Spans.Read((attribute, 0.0128736)).ReportedCostUsd);
        Assert.Equal(0.5m, Spans.Read((attribute, "0.5")).ReportedCostUsd);
        Assert.Null(Spans.Read((attribute, -1)).ReportedCostUsd);
    }

    [Fact]
    public void The_first_cost_above_zero_is_taken() =>
        Assert.Equal(
            0.25m,
            Spans.Read(
                ("langfuse.observation.cost_details", """{"input":0,"total":0}"""), ("gen_ai.usage.cost", 0.25), ("cost_usd", 9)).ReportedCostUsd);

    [Fact]
    public void A_reported_zero_is_unknown_with_an_error_or_without_tokens()
    {
        (string, object?)[] tokens = [("gen_ai.usage.input_tokens", 1), ("gen_ai.usage.output_tokens", 1)];
        Assert.Null(Spans.Read(("gen_ai.usage.cost", 0)).ReportedCostUsd);
        Assert.Null(Spans.Read([.. tokens, ("gen_ai.usage.cost", 0), ("error.type", "timeout")]).ReportedCostUsd);
        Assert.Equal(0m, Spans.Read([.. tokens, ("gen_ai.usage.cost", 0)]).ReportedCostUsd);
    }

    [Fact]
    public void A_failure_shows_in_the_status()
    {
        Step step = Spans.Read(new SpanSpec { StatusCode = 2, StatusMessage = "no route" });
        Assert.Equal((true, "no route"), (step.Failed, step.ErrorMessage));
    }

    [Fact]
    public void A_failure_shows_in_the_error_type()
    {
        Step step = Spans.Read(("error.type", "rate_limit_error"));
        Assert.Equal((true, "rate_limit_error"), (step.Failed, step.ErrorType));
        Assert.False(Spans.Read(("error.type", "")).Failed);
    }

    [Theory]
    [InlineData("exception")]
    [InlineData("gen_ai.client.operation.exception")]
    public void A_failure_shows_in_an_exception_event(string name)
    {
        Step step = Spans.Read(new SpanSpec { Events = [(name, [("exception.type", "TimeoutError"), ("exception.message", "30 s")])] });
        Assert.Equal((true, "TimeoutError", "30 s"), (step.Failed, step.ErrorType, step.ErrorMessage));
    }

    [Fact]
    public void A_handled_exception_on_a_span_that_says_it_is_well_is_no_failure() =>
        Assert.False(Spans.Read(new SpanSpec { StatusCode = 1, Events = [("exception", [])] }).Failed);

    [Fact]
    public void A_failure_shows_in_Langfuses_level()
    {
        Step step = Spans.Read(("langfuse.observation.level", "ERROR"), ("langfuse.observation.status_message", "429"));
        Assert.Equal((true, "429"), (step.Failed, step.ErrorMessage));
        Assert.False(Spans.Read(("langfuse.observation.level", "DEFAULT")).Failed);
    }

    [Fact]
    public void A_failure_shows_in_success_being_false()
    {
        Assert.True(Spans.Read(("success", false)).Failed);
        Assert.True(Spans.Read(("success", "false")).Failed);
        Assert.False(Spans.Read(("success", true)).Failed);
    }
}
