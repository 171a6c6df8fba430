using static Handrail.Telemetry.Dialect;

namespace Handrail.Telemetry;

/// <content>What kind of step it is, how many tokens, what it cost, whether it failed.</content>
internal static partial class DialectTable
{
    /// <summary>What says the kind; never the span's name, which vendors choose as they like.</summary>
    public static readonly KindSource[] Kind =
    [
        new("span.type", ClaudeCode, Kinds(
            ("llm_request", StepKind.Llm), ("tool", StepKind.Tool), ("interaction", StepKind.Agent),
            ("tool.blocked_on_user", StepKind.Human), ("tool.execution", StepKind.Other)), null),
        new("langfuse.observation.type", Langfuse, Kinds(
            ("generation", StepKind.Llm), ("agent", StepKind.Agent), ("tool", StepKind.Tool), ("chain", StepKind.Workflow),
            ("retriever", StepKind.Retrieval), ("embedding", StepKind.Embedding), ("guardrail", StepKind.Guardrail),
            ("evaluator", StepKind.Other)), null),
        new("openinference.span.kind", OpenInference, Kinds(
            ("LLM", StepKind.Llm), ("TOOL", StepKind.Tool), ("AGENT", StepKind.Agent), ("CHAIN", StepKind.Workflow),
            ("RETRIEVER", StepKind.Retrieval), ("RERANKER", StepKind.Retrieval), ("EMBEDDING", StepKind.Embedding),
            ("GUARDRAIL", StepKind.Guardrail)), StepKind.Other),
        new("gen_ai.operation.name", GenAi, Kinds(
            ("chat", StepKind.Llm), ("text_completion", StepKind.Llm), ("generate_content", StepKind.Llm),
            ("llm_call", StepKind.Llm), ("execute_tool", StepKind.Tool), ("tool_call", StepKind.Tool),
            ("invoke_agent", StepKind.Agent), ("create_agent", StepKind.Agent), ("agent_call", StepKind.Agent),
            ("invoke_workflow", StepKind.Workflow), ("embeddings", StepKind.Embedding),
            ("retrieval", StepKind.Retrieval), ("rerank", StepKind.Retrieval),
            ("apply_guardrail", StepKind.Guardrail)), StepKind.Other),
        new("llm.request.type", OpenLlmetry, Kinds(
            ("chat", StepKind.Llm), ("completion", StepKind.Llm), ("embedding", StepKind.Embedding),
            ("rerank", StepKind.Retrieval)), null),
        new("traceloop.span.kind", OpenLlmetry, Kinds(
            ("workflow", StepKind.Workflow), ("agent", StepKind.Agent), ("tool", StepKind.Tool),
            ("task", StepKind.Other), ("session", StepKind.Other)), null),
        new("ai.operationId", VercelAi, Kinds(
            ("ai.generateText", StepKind.Agent), ("ai.streamText", StepKind.Agent), ("ai.generateObject", StepKind.Agent),
            ("ai.streamObject", StepKind.Agent), ("ai.generateText.doGenerate", StepKind.Llm),
            ("ai.streamText.doStream", StepKind.Llm), ("ai.generateObject.doGenerate", StepKind.Llm),
            ("ai.streamObject.doStream", StepKind.Llm), ("ai.toolCall", StepKind.Tool), ("ai.embed", StepKind.Embedding),
            ("ai.embed.doEmbed", StepKind.Embedding), ("ai.embedMany", StepKind.Embedding),
            ("ai.embedMany.doEmbed", StepKind.Embedding), ("ai.rerank", StepKind.Retrieval),
            ("ai.rerank.doRerank", StepKind.Retrieval)), StepKind.Other),
        new("mcp.method.name", Mcp, Kinds(("tools/call", StepKind.Tool)), null),
        new("gen_ai.tool.name", GenAi, Kinds(), StepKind.Tool),
        new("gen_ai.tool.call.id", GenAi, Kinds(), StepKind.Tool),
    ];

    /// <summary>A whole set comes from one entry; where two are present, the first is the better kept one.</summary>
    public static readonly TokenSource[] Tokens =
    [
        new(Langfuse,
            Input:
            [
                Usage("input", "input_audio_tokens", "input_audio"), Usage("promptTokens"), Usage("prompt_tokens"), Usage("input_tokens"),
            ],
            Output:
            [
                Usage(
                    "output", "output_audio_tokens", "output_audio", "output_accepted_prediction_tokens", "output_rejected_prediction_tokens"),
                Usage("completionTokens"), Usage("completion_tokens"), Usage("output_tokens"),
            ],
            CachedRead: [Usage("input_cached_tokens", "cache_read_input_tokens", "input_cache_read")],
            CacheWrite:
            [
                Usage("cache_creation_input_tokens", "input_cache_creation", "input_cache_creation_5m", "input_cache_creation_1h"),
            ],
            Reasoning: [Usage("output_reasoning_tokens", "output_reasoning")]),
        new(ClaudeCode,
            Input: [new("input_tokens", ClaudeCode) { When = "span.type" }],
            Output: [new("output_tokens", ClaudeCode) { When = "span.type" }],
            CachedRead: [new("cache_read_tokens", ClaudeCode)],
            CacheWrite: [new("cache_creation_tokens", ClaudeCode)],
            Reasoning: []),
        new(GenAi,
            Input: [new("gen_ai.usage.input_tokens", GenAi), new("gen_ai.usage.prompt_tokens", GenAi)],
            Output: [new("gen_ai.usage.output_tokens", GenAi), new("gen_ai.usage.completion_tokens", GenAi)],
            CachedRead:
            [
                new("gen_ai.usage.cache_read.input_tokens", GenAi),
                new("gen_ai.usage.cache_read_input_tokens", OpenLlmetry),
                new("gen_ai.usage.input_tokens.cached", GenAi),
                new("ai.usage.cachedInputTokens", VercelAi),
                new("ai.usage.inputTokenDetails.cacheReadTokens", VercelAi),
            ],
            CacheWrite:
            [
                new("gen_ai.usage.cache_write.input_tokens", GenAi),
                new("gen_ai.usage.cache_creation.input_tokens", GenAi),
                new("gen_ai.usage.cache_creation_input_tokens", OpenLlmetry),
                new("ai.usage.inputTokenDetails.cacheWriteTokens", VercelAi),
            ],
            Reasoning:
            [
                new("gen_ai.usage.reasoning.output_tokens", GenAi),
                new("gen_ai.usage.reasoning_tokens", OpenLlmetry),
                new("ai.usage.reasoningTokens", VercelAi),
                new("ai.usage.outputTokenDetails.reasoningTokens", VercelAi),
            ]),
        new(VercelAi,
            Input:
            [
                new("ai.usage.inputTokens", VercelAi), new("ai.usage.promptTokens", VercelAi), new("ai.usage.tokens", VercelAi),
            ],
            Output: [new("ai.usage.outputTokens", VercelAi), new("ai.usage.completionTokens", VercelAi)],
            CachedRead:
            [
                new("ai.usage.cachedInputTokens", VercelAi), new("ai.usage.inputTokenDetails.cacheReadTokens", VercelAi),
            ],
            CacheWrite: [new("ai.usage.inputTokenDetails.cacheWriteTokens", VercelAi)],
            Reasoning:
            [
                new("ai.usage.reasoningTokens", VercelAi), new("ai.usage.outputTokenDetails.reasoningTokens", VercelAi),
            ]),
        new(OpenInference,
            Input: [new("llm.token_count.prompt", OpenInference)],
            Output: [new("llm.token_count.completion", OpenInference)],
            CachedRead: [new("llm.token_count.prompt_details.cache_read", OpenInference)],
            CacheWrite: [new("llm.token_count.prompt_details.cache_write", OpenInference)],
            Reasoning: [new("llm.token_count.completion_details.reasoning", OpenInference)]),
        new(OpenLlmetry,
            Input: [new("llm.usage.prompt_tokens", OpenLlmetry)],
            Output: [new("llm.usage.completion_tokens", OpenLlmetry)],
            CachedRead: [],
            CacheWrite: [],
            Reasoning: []),
    ];

    /// <summary>What the sender says that this call cost, in USD.</summary>
    public static readonly Source[] Cost =
    [
        new("langfuse.observation.cost_details", Langfuse) { Members = ["total", "totalCost"] },
        new("gen_ai.usage.cost", GenAi),
        new("llm.cost.total", OpenInference),
        new("litellm.cost.total", LiteLlm),
        new("gen_ai.cost.total_cost", LiteLlm),
        new("gen_ai.cost", GenAi),
        new("cost_usd", ClaudeCode),
    ];

    /// <summary>What means failed beside an OTLP status of ERROR and an exception event.</summary>
    public static readonly FailureSource[] Failures =
    [
        new("langfuse.observation.level", Langfuse, "ERROR"),
        new("error.type", GenAi, null),
        new("success", ClaudeCode, "false"),
    ];

    public static readonly Source[] ErrorType = [new("error.type", GenAi), new("exception.type", GenAi)];

    public static readonly Source[] ErrorMessage =
    [
        new("langfuse.observation.status_message", Langfuse),
        new("error.message", GenAi),
        new("exception.message", GenAi),
        new("error", ClaudeCode) { When = "span.type" },
    ];

    /// <summary>Span events that tell of an exception.</summary>
    public static readonly string[] ExceptionEvents = ["exception", "gen_ai.client.operation.exception"];

    private static Source Usage(params string[] members) =>
        new("langfuse.observation.usage_details", Langfuse) { Members = members, AddsMembers = true };

    private static Dictionary<string, StepKind> Kinds(params (string Value, StepKind Kind)[] kinds) =>
        kinds.ToDictionary(kind => kind.Value, kind => kind.Kind, StringComparer.OrdinalIgnoreCase);
}
