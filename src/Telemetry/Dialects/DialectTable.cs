using static Handrail.Telemetry.Dialect;

namespace Handrail.Telemetry;

/// <summary>
/// The table of dialects: for each field of a step where to look for it, first that is there. Sources of all dialects
/// stand in one order, because a span may speak two at once; only one of them gives the value. A new dialect is new
/// entries here.
/// </summary>
internal static partial class DialectTable
{
    /// <summary>All names that the table speaks of.</summary>
    public static readonly AttributeNames Attributes = AttributeNames.Shared;

    public static readonly Source[] Session =
    [
        new("langfuse.session.id", Langfuse),
        new("session.id", OpenInference),
        new("gen_ai.conversation.id", GenAi),
        new("traceloop.association.properties.session_id", OpenLlmetry),
        new("traceloop.association.properties.thread_id", OpenLlmetry),
        new("traceloop.association.properties.conversation_id", OpenLlmetry),
        new("ai.telemetry.metadata.sessionId", VercelAi),
        new("ai.telemetry.metadata.session_id", VercelAi),
        new("ai.settings.context.sessionId", VercelAi),
        new("ai.settings.context.session_id", VercelAi),
        new("conversation.id", Codex),
        new("anthropic.session.id", Anthropic),
        new("litellm.metadata.session_id", LiteLlm),
        new("metadata.session_id", LiteLlm),
        new("metadata.requester_metadata", LiteLlm) { Members = ["session_id", "thread_id", "conversation_id"] },
        new("metadata", OpenInference) { Members = ["session_id", "thread_id", "conversation_id"] },
    ];

    public static readonly Source[] AgentName =
    [
        new("gen_ai.agent.name", GenAi),
        new("agent.name", OpenInference),
        new("graph.node.id", OpenInference) { OnlyOn = StepKind.Agent },
        new("traceloop.entity.name", OpenLlmetry) { OnlyOn = StepKind.Agent },
        new("ai.telemetry.functionId", VercelAi) { OnlyOn = StepKind.Agent },
        new("gen_ai.agent.id", GenAi),
        new(Source.SpanName, Langfuse) { OnlyOn = StepKind.Agent, When = "langfuse.observation.type" },
        new(Source.SpanName, OpenInference) { OnlyOn = StepKind.Agent, When = "openinference.span.kind" },
        new("langfuse.trace.name", Langfuse) { OnlyOnRoot = true },
        new(Source.SpanName, OpenInference)
        {
            OnlyOn = StepKind.Workflow, OnlyOnRoot = true, When = "openinference.span.kind",
        },
    ];

    public static readonly Source[] AgentId = [new("gen_ai.agent.id", GenAi)];

    public static readonly Source[] AgentVersion =
    [
        new("gen_ai.agent.version", GenAi),
        new("traceloop.entity.version", OpenLlmetry) { OnlyOn = StepKind.Agent },
        new("langfuse.version", Langfuse),
        new("langfuse.release", Langfuse),
    ];

    public static readonly Source[] ServiceName = [new("service.name", GenAi)];

    /// <summary>Which of a service's processes it is.</summary>
    public static readonly Source[] ServiceInstance = [new("service.instance.id", GenAi)];

    public static readonly Source[] SdkName = [new("telemetry.sdk.name", GenAi)];

    public static readonly Source[] SdkLanguage = [new("telemetry.sdk.language", GenAi)];

    public static readonly Source[] SdkVersion = [new("telemetry.sdk.version", GenAi)];

    public static readonly Source[] ServiceVersion = [new("service.version", GenAi), new("app.version", ClaudeCode)];

    /// <summary>Claude Code's <c>user.id</c> is the installation, not a person.</summary>
    public static readonly Source[] EndUser =
    [
        new("langfuse.user.id", Langfuse),
        new("enduser.id", GenAi),
        new("user.id", GenAi) { NotIn = ClaudeCode },
        new("user.email", ClaudeCode),
        new("litellm.end_user.id", LiteLlm),
        new("metadata.user_api_key_end_user_id", LiteLlm),
        new("traceloop.association.properties.user_id", OpenLlmetry),
        new("ai.telemetry.metadata.userId", VercelAi),
        new("ai.telemetry.metadata.user_id", VercelAi),
        new("ai.settings.context.userId", VercelAi),
        new("ai.settings.context.user_id", VercelAi),
        new("llm.user", LiteLlm),
        new("metadata", OpenInference) { Members = ["user_id"] },
        new("enduser.pseudo.id", GenAi),
    ];

    public static readonly Source[] Provider =
    [
        new("gen_ai.provider.name", GenAi),
        new("gen_ai.system", GenAi) { BeforeDot = true, When = "ai.operationId" },
        new("gen_ai.system", GenAi),
        new("llm.provider", OpenInference),
        new("llm.system", OpenInference),
        new("ai.model.provider", VercelAi) { BeforeDot = true },
    ];

    public static readonly Source[] ResponseModel =
    [
        new("langfuse.observation.model.name", Langfuse),
        new("gen_ai.response.model", GenAi),
        new("ai.response.model", VercelAi),
        new("llm.response.model_name", OpenInference),
        new("llm.model_name", OpenInference),
        new("embedding.model_name", OpenInference),
    ];

    public static readonly Source[] RequestModel =
    [
        new("gen_ai.request.model", GenAi),
        new("llm.request.model_name", OpenInference),
        new("ai.model.id", VercelAi),
        new("llm.request.model", OpenLlmetry),
        new("model", ClaudeCode) { When = "span.type" },
    ];

    public static readonly Source[] ToolName =
    [
        new("gen_ai.tool.name", GenAi),
        new("tool.name", OpenInference),
        new("tool_name", ClaudeCode),
        new("ai.toolCall.name", VercelAi),
        new("traceloop.entity.name", OpenLlmetry) { OnlyOn = StepKind.Tool },
        new("mcp.tool.name", Mcp),
        new("function_name", GeminiCli) { OnlyOn = StepKind.Tool },
        new(Source.SpanName, Langfuse) { OnlyOn = StepKind.Tool, When = "langfuse.observation.type" },
        new(Source.SpanName, OpenInference) { OnlyOn = StepKind.Tool, When = "openinference.span.kind" },
    ];

    public static readonly Source[] ToolCallId =
    [
        new("gen_ai.tool.call.id", GenAi),
        new("gen_ai.tool.call_id", GeminiCli),
        new("tool_call.id", OpenInference),
        new("tool.id", OpenInference),
        new("ai.toolCall.id", VercelAi),
        new("tool_use_id", ClaudeCode),
    ];

    public static readonly Source[] ToolArguments =
    [
        new("gen_ai.tool.call.arguments", GenAi),
        new("ai.toolCall.args", VercelAi),
        new("tool.parameters", OpenInference),
        new("traceloop.entity.input", OpenLlmetry),
        new("langfuse.observation.input", Langfuse),
        new("input.value", OpenInference),
        new("tool_input", ClaudeCode),
        new("full_command", ClaudeCode),
        new("gen_ai.input.messages", GeminiCli),
    ];

    public static readonly Source[] ToolResult =
    [
        new("gen_ai.tool.call.result", GenAi),
        new("ai.toolCall.result", VercelAi),
        new("traceloop.entity.output", OpenLlmetry),
        new("langfuse.observation.output", Langfuse),
        new("output.value", OpenInference),
        new("anthropic.tool_result.content", Anthropic),
        new("gen_ai.output.messages", GeminiCli),
    ];

    public static readonly Source[] InputMessages =
    [
        new("gen_ai.input.messages", GenAi),
        Source.Indexed("gen_ai.prompt.", OpenLlmetry),
        Source.Indexed("llm.input_messages.", OpenInference),
        new("ai.prompt.messages", VercelAi),
        new("ai.prompt", VercelAi),
        new("gen_ai.prompt", GenAi),
        new("langfuse.observation.input", Langfuse),
        new("input.value", OpenInference),
        new("traceloop.entity.input", OpenLlmetry),
        new("user_prompt", ClaudeCode),
    ];

    public static readonly Source[] OutputMessages =
    [
        new("gen_ai.output.messages", GenAi),
        Source.Indexed("gen_ai.completion.", OpenLlmetry),
        Source.Indexed("llm.output_messages.", OpenInference),
        new("ai.response.text", VercelAi),
        new("ai.response.toolCalls", VercelAi),
        new("ai.response.object", VercelAi),
        new("gen_ai.completion", GenAi),
        new("langfuse.observation.output", Langfuse),
        new("output.value", OpenInference),
        new("traceloop.entity.output", OpenLlmetry),
    ];

    /// <summary>Instructions that are sent apart from the messages; elsewhere they are a message with the role of the system.</summary>
    public static readonly Source[] SystemInstructions =
    [
        new("gen_ai.system_instructions", GenAi),
    ];

    public static readonly Source[] ToolDefinitions =
    [
        new("gen_ai.tool.definitions", GenAi),
        new("ai.prompt.tools", VercelAi),
        Source.Indexed("llm.tools.", OpenInference),
        Source.Indexed("llm.request.functions.", OpenLlmetry),
        new("gen_ai.request.tools", GenAi),
    ];

    public static readonly Source[] FinishReasons =
    [
        new("gen_ai.response.finish_reasons", GenAi),
        new("llm.finish_reason", OpenInference),
        new("ai.response.finishReason", VercelAi),
        new("anthropic.message.stop_reason", Anthropic),
        new("stop_reason", ClaudeCode),
    ];

    public static readonly Source[] HandoffTarget = [new("gen_ai.transfer.target.name", GenAi)];

    /// <summary>A tool with such a name hands over to the agent that is named by the rest.</summary>
    public static readonly string[] HandoffTools = ["transfer_to_", "handoff_to_"];

    /// <summary>Span events that carry a message, and whether it goes in or came out.</summary>
    public static readonly IReadOnlyDictionary<string, bool> MessageEvents = new Dictionary<string, bool>
    {
        ["gen_ai.system.message"] = true,
        ["gen_ai.user.message"] = true,
        ["gen_ai.assistant.message"] = true,
        ["gen_ai.tool.message"] = true,
        ["gen_ai.content.prompt"] = true,
        ["gen_ai.choice"] = false,
        ["gen_ai.content.completion"] = false,
    };

    /// <summary>A span event with all messages of the call as its attributes.</summary>
    public const string DetailsEvent = "gen_ai.client.inference.operation.details";

    /// <summary>One name for a provider that goes by several; the attribute itself is kept as it came.</summary>
    public static readonly IReadOnlyDictionary<string, string> Providers =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["gcp.gemini"] = "google",
            ["gcp.vertex_ai"] = "google",
            ["gcp.gen_ai"] = "google",
            ["gemini"] = "google",
            ["vertex_ai"] = "google",
            ["vertexai"] = "google",
            ["google.vertex"] = "google",
            ["google.generative-ai"] = "google",
            ["az.ai.openai"] = "azure",
            ["az.ai.inference"] = "azure",
            ["azure.ai.openai"] = "azure",
            ["azure.ai.inference"] = "azure",
            ["azure_openai"] = "azure",
            ["aws.bedrock"] = "aws",
            ["bedrock"] = "aws",
            ["aws_bedrock"] = "aws",
            ["amazon"] = "aws",
            ["amazon-bedrock"] = "aws",
            ["x_ai"] = "xai",
            ["x-ai"] = "xai",
            ["mistral_ai"] = "mistral",
            ["mistralai"] = "mistral",
            ["moonshot_ai"] = "moonshotai",
        };
}
