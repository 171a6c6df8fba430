namespace Handrail.Otlp;

/// <summary>Attribute names that mean something in one dialect or another, for tests that throw anything at the reader.</summary>
internal static class DialectNames
{
    public static readonly string[] All =
    [
        "gen_ai.operation.name", "gen_ai.request.model", "gen_ai.response.model", "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.conversation.id", "gen_ai.agent.name", "gen_ai.tool.name", "gen_ai.tool.call.arguments", "gen_ai.input.messages",
        "gen_ai.output.messages", "gen_ai.response.finish_reasons", "gen_ai.prompt.0.content", "gen_ai.prompt.1.role",
        "gen_ai.prompt.99999999999.role", "gen_ai.completion.0.content", "llm.input_messages.0.message.content",
        "openinference.span.kind", "llm.token_count.prompt", "llm.token_count.completion", "metadata", "session.id", "input.value",
        "output.value", "tool.name", "traceloop.span.kind", "traceloop.entity.name", "ai.operationId", "ai.usage.promptTokens",
        "langfuse.observation.type", "langfuse.observation.usage_details", "langfuse.observation.cost_details",
        "langfuse.observation.level", "mcp.method.name", "gen_ai.usage.cost", "error.type", "exception.message", "success",
        "span.type", "service.name", "user.id", "agent.name", "graph.node.id",
    ];
}
