using Handrail.Otlp;
using Handrail.Telemetry;

namespace Handrail.Dialects;

/// <summary>What a step is comes from what its dialect says, never from the span's name.</summary>
public sealed class KindTests
{
    [Theory]
    [InlineData("gen_ai.operation.name", "chat", StepKind.Llm, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "text_completion", StepKind.Llm, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "generate_content", StepKind.Llm, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "llm_call", StepKind.Llm, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "execute_tool", StepKind.Tool, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "tool_call", StepKind.Tool, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "invoke_agent", StepKind.Agent, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "create_agent", StepKind.Agent, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "invoke_workflow", StepKind.Workflow, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "embeddings", StepKind.Embedding, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "retrieval", StepKind.Retrieval, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "apply_guardrail", StepKind.Guardrail, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "plan", StepKind.Other, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "fetch_response", StepKind.Other, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "search_memory", StepKind.Other, "opentelemetry-genai")]
    [InlineData("gen_ai.operation.name", "agent_step", StepKind.Other, "opentelemetry-genai")]
    [InlineData("openinference.span.kind", "LLM", StepKind.Llm, "openinference")]
    [InlineData("openinference.span.kind", "TOOL", StepKind.Tool, "openinference")]
    [InlineData("openinference.span.kind", "AGENT", StepKind.Agent, "openinference")]
    [InlineData("openinference.span.kind", "CHAIN", StepKind.Workflow, "openinference")]
    [InlineData("openinference.span.kind", "RETRIEVER", StepKind.Retrieval, "openinference")]
    [InlineData("openinference.span.kind", "RERANKER", StepKind.Retrieval, "openinference")]
    [InlineData("openinference.span.kind", "EMBEDDING", StepKind.Embedding, "openinference")]
    [InlineData("openinference.span.kind", "GUARDRAIL", StepKind.Guardrail, "openinference")]
    [InlineData("openinference.span.kind", "EVALUATOR", StepKind.Other, "openinference")]
    [InlineData("traceloop.span.kind", "workflow", StepKind.Workflow, "openllmetry")]
    [InlineData("traceloop.span.kind", "task", StepKind.Other, "openllmetry")]
    [InlineData("traceloop.span.kind", "agent", StepKind.Agent, "openllmetry")]
    [InlineData("traceloop.span.kind", "tool", StepKind.Tool, "openllmetry")]
    [InlineData("llm.request.type", "chat", StepKind.Llm, "openllmetry")]
    [InlineData("llm.request.type", "completion", StepKind.Llm, "openllmetry")]
    [InlineData("ai.operationId", "ai.generateText", StepKind.Agent, "vercel-ai")]
    [InlineData("ai.operationId", "ai.streamText", StepKind.Agent, "vercel-ai")]
    [InlineData("ai.operationId", "ai.generateText.doGenerate", StepKind.Llm, "vercel-ai")]
    [InlineData("ai.operationId", "ai.streamText.doStream", StepKind.Llm, "vercel-ai")]
    [InlineData("ai.operationId", "ai.toolCall", StepKind.Tool, "vercel-ai")]
    [InlineData("ai.operationId", "ai.embed.doEmbed", StepKind.Embedding, "vercel-ai")]
    [InlineData("langfuse.observation.type", "generation", StepKind.Llm, "langfuse")]
    [InlineData("langfuse.observation.type", "tool", StepKind.Tool, "langfuse")]
    [InlineData("langfuse.observation.type", "agent", StepKind.Agent, "langfuse")]
    [InlineData("langfuse.observation.type", "chain", StepKind.Workflow, "langfuse")]
    [InlineData("langfuse.observation.type", "guardrail", StepKind.Guardrail, "langfuse")]
    [InlineData("mcp.method.name", "tools/call", StepKind.Tool, "mcp")]
    [InlineData("gen_ai.tool.call.id", "call_1", StepKind.Tool, "opentelemetry-genai")]
    [InlineData("span.type", "llm_request", StepKind.Llm, "claude-code")]
    [InlineData("span.type", "tool.blocked_on_user", StepKind.Human, "claude-code")]
    public void The_dialects_own_word_says_the_kind(string attribute, string value, StepKind kind, string dialect)
    {
        Step step = Spans.Read((attribute, value));
        Assert.Equal(kind, step.Kind);
        Assert.Equal(dialect, step.Dialect);
    }

    [Theory]
    [InlineData("mcp.method.name", "tools/list")]
    [InlineData("span.type", "web")]
    [InlineData("langfuse.observation.type", "span")]
    [InlineData("http.request.method", "POST")]
    public void What_no_dialect_knows_is_kept_as_other(string attribute, string value)
    {
        Step step = Spans.Read(new SpanSpec { Name = "chat gpt-5.4", Attributes = [(attribute, value)] });
        Assert.Equal(StepKind.Other, step.Kind);
        Assert.Null(step.Dialect);
        Assert.Contains(value, step.AttributesJson, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_token_counts_is_a_model_call_whoever_sent_it() =>
        Assert.Equal(StepKind.Llm, Spans.Read(("gen_ai.request.model", "m"), ("gen_ai.usage.input_tokens", 3)).Kind);

    [Fact]
    public void Token_counts_without_a_model_are_no_call() =>
        Assert.Equal(StepKind.Other, Spans.Read(("gen_ai.usage.input_tokens", 3)).Kind);

    [Fact]
    public void Of_two_dialects_in_one_span_the_more_exact_one_says_the_kind() =>
        Assert.Equal(
            StepKind.Llm,
            Spans.Read(("traceloop.span.kind", "task"), ("gen_ai.operation.name", "chat"), ("ai.operationId", "ai.toolCall")).Kind);

    [Theory]
    [InlineData("transfer_to_billing", "billing")]
    [InlineData("handoff_to_Refund Agent", "Refund Agent")]
    public void A_tool_that_passes_control_on_is_a_handoff(string tool, string target)
    {
        foreach (Step step in (Step[])
            [
                Spans.Read(("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", tool)),
                Spans.Read(("openinference.span.kind", "TOOL"), ("tool.name", tool)),
            ])
        {
            Assert.Equal(StepKind.Handoff, step.Kind);
            Assert.Equal(target, step.HandoffTarget);
            Assert.Equal(tool, step.ToolName);
        }
    }

    [Fact]
    public void A_tool_that_names_its_target_is_a_handoff()
    {
        Step step = Spans.Read(
            ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "route"), ("gen_ai.transfer.target.name", "claims"));
        Assert.Equal((StepKind.Handoff, "claims"), (step.Kind, step.HandoffTarget));
    }

    [Fact]
    public void A_tool_whose_name_only_begins_so_is_a_tool() =>
        Assert.Equal(StepKind.Tool, Spans.Read(("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "transfer_to_")).Kind);
}
