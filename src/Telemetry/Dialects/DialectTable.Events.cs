using static Handrail.Telemetry.Dialect;

namespace Handrail.Telemetry;

/// <content>Log events of coding agents, and of the conventions that tell of calls by events.</content>
internal static partial class DialectTable
{
    /// <summary>Where a log record names its event; else the record's own event name does, or its body.</summary>
    public static readonly Source[] EventName = [new("event.name", GenAi)];

    /// <summary>What holds the records of one turn together where no trace does.</summary>
    public static readonly Source[] TurnId = [new("prompt.id", ClaudeCode), new("prompt_id", GeminiCli), new("turn.id", Codex)];

    /// <summary>What tells a call from others, on the span of a dialect that also tells of it in log events.</summary>
    public static readonly Source[] CallId = [new("request_id", ClaudeCode) { When = "span.type" }];

    public static readonly LedgerInLogs[] LedgersInLogs =
    [
        new(GeminiCli, ["gemini-cli"], null),
        new(Codex, ["codex_exec", "codex_tui", "codex-cli", "codex_cli_rs"], ["run_turn", "codex.sampling", "exec_command"]),
    ];

    /// <summary>Rows of one name are asked in their order; the first that applies is taken.</summary>
    public static readonly LogEvent[] Events =
    [
        new("claude_code.user_prompt", ClaudeCode, StepKind.Human) { BeginsTurn = true, Input = [new("prompt", ClaudeCode)] },
        Claude("claude_code.api_request", StepKind.Llm) with { Tokens = ClaudeTokens, CallId = [new("request_id", ClaudeCode)] },
        Claude("claude_code.api_error", StepKind.Llm) with { Fails = true, Tokens = ClaudeTokens, CallId = [new("request_id", ClaudeCode)] },
        Claude("claude_code.assistant_response", StepKind.Other) with { Output = [new("response", ClaudeCode)] },
        Claude("claude_code.tool_result", StepKind.Tool) with
        {
            ToolName = [new("tool_name", ClaudeCode)],
            CallId = [new("tool_use_id", ClaudeCode)],
            Arguments = [new("tool_input", ClaudeCode), new("tool_parameters", ClaudeCode)],
            Result = [new("tool_output", ClaudeCode)],
        },
        Claude("claude_code.tool_decision", StepKind.Human) with { ToolName = [new("tool_name", ClaudeCode)] },
        Claude("claude_code.*", StepKind.Other),

        new("gemini_cli.user_prompt", GeminiCli, StepKind.Human) { BeginsTurn = true, Input = [new("prompt", GeminiCli)] },
        Gemini("gemini_cli.api_response", StepKind.Llm) with { Tokens = GeminiTokens, Output = [new("response_text", GeminiCli)] },
        Gemini("gemini_cli.api_error", StepKind.Llm) with { Fails = true },
        Gemini("gemini_cli.api_request", StepKind.Other) with { Input = [new("request_text", GeminiCli)] },
        Gemini("gemini_cli.tool_call", StepKind.Tool) with
        {
            ToolName = [new("function_name", GeminiCli)], Arguments = [new("function_args", GeminiCli)],
        },
        Gemini("gemini_cli.*", StepKind.Other),

        new("codex.user_prompt", Codex, StepKind.Human) { BeginsTurn = true, Input = [new("prompt", Codex)] },
        OfCodex("codex.sse_event", StepKind.Llm) with { When = new("input_token_count", Codex, null), Tokens = CodexTokens },
        OfCodex("codex.websocket_event", StepKind.Llm) with { When = new("input_token_count", Codex, null), Tokens = CodexTokens },
        OfCodex("codex.api_request", StepKind.Llm) with { When = new("error.message", Codex, null), Fails = true },
        OfCodex("codex.tool_result", StepKind.Tool) with
        {
            ToolName = [new("tool_name", Codex)], CallId = [new("call_id", Codex)], Arguments = [new("arguments", Codex)], Result = [new("output", Codex)],
        },
        OfCodex("codex.tool_decision", StepKind.Human) with { ToolName = [new("tool_name", Codex)] },
        OfCodex("codex.conversation_starts", StepKind.Other),

        // Of the conventions: what it is, its tokens and its messages are where a span has them.
        new(DetailsEvent, GenAi, null),
        new("gen_ai.client.operation.exception", GenAi, StepKind.Other) { Fails = true },
        new("gen_ai.evaluation.result", GenAi, StepKind.Other),
        new("gen_ai.guardrail.result", GenAi, StepKind.Guardrail),
        new("gen_ai.system.message", GenAi, StepKind.Other) { IsInput = true },
        new("gen_ai.user.message", GenAi, StepKind.Other) { IsInput = true },
        new("gen_ai.assistant.message", GenAi, StepKind.Other) { IsInput = true },
        new("gen_ai.tool.message", GenAi, StepKind.Other) { IsInput = true },
        new("gen_ai.choice", GenAi, StepKind.Other) { IsOutput = true },
    ];

    private static TokenSource ClaudeTokens => new(
        ClaudeCode,
        Input: [new("input_tokens", ClaudeCode)],
        Output: [new("output_tokens", ClaudeCode)],
        CachedRead: [new("cache_read_tokens", ClaudeCode)],
        CacheWrite: [new("cache_creation_tokens", ClaudeCode)],
        Reasoning: []);

    private static TokenSource GeminiTokens => new(
        GeminiCli,
        Input: [new("input_token_count", GeminiCli)],
        Output: [new("output_token_count", GeminiCli)],
        CachedRead: [new("cached_content_token_count", GeminiCli)],
        CacheWrite: [],
        Reasoning: [new("thoughts_token_count", GeminiCli)]);

    /// <summary><c>tool_token_count</c> is the total, not a part.</summary>
    private static TokenSource CodexTokens => new(
        Codex,
        Input: [new("input_token_count", Codex)],
        Output: [new("output_token_count", Codex)],
        CachedRead: [new("cached_token_count", Codex)],
        CacheWrite: [new("cache_write_token_count", Codex)],
        Reasoning: [new("reasoning_token_count", Codex)]);

    private static LogEvent Claude(string name, StepKind kind) => Timed(name, ClaudeCode, kind);

    private static LogEvent Gemini(string name, StepKind kind) => Timed(name, GeminiCli, kind);

    private static LogEvent OfCodex(string name, StepKind kind) => Timed(name, Codex, kind);

    private static LogEvent Timed(string name, Dialect dialect, StepKind kind) => new(name, dialect, kind)
    {
        Model = [new("model", dialect)],
        DurationMs = [new("duration_ms", dialect)],
        ErrorType = [new("error_type", dialect), new("error.type", dialect), new("status_code", dialect), new("http.response.status_code", dialect)],
        ErrorMessage = [new("error", dialect), new("error_message", dialect), new("error.message", dialect)],
    };
}
