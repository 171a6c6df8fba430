namespace Handrail.Telemetry;

/// <summary>A row of the dialect table: a way of speaking OpenTelemetry, and what is peculiar to it.</summary>
internal sealed record Dialect(string Name)
{
    public static readonly Dialect GenAi = new("opentelemetry-genai");
    public static readonly Dialect OpenInference = new("openinference");
    public static readonly Dialect OpenLlmetry = new("openllmetry");
    public static readonly Dialect VercelAi = new("vercel-ai");
    public static readonly Dialect Langfuse = new("langfuse") { InputExcludesCache = true, OutputExcludesReasoning = true };
    public static readonly Dialect Mcp = new("mcp");
    public static readonly Dialect LiteLlm = new("litellm");
    public static readonly Dialect ClaudeCode = new("claude-code") { InputExcludesCache = true, Provider = "anthropic" };
    public static readonly Dialect GeminiCli = new("gemini-cli") { OutputExcludesReasoning = true, Provider = "google" };
    public static readonly Dialect Codex = new("codex") { Provider = "openai" };
    public static readonly Dialect Anthropic = new("anthropic");

    /// <summary>Its input tokens leave out what was read from and written to the cache.</summary>
    public bool InputExcludesCache { get; init; }

    /// <summary>Its output tokens leave out reasoning.</summary>
    public bool OutputExcludesReasoning { get; init; }

    /// <summary>Whose models it calls where its events don't say; null for a dialect of many providers.</summary>
    public string? Provider { get; init; }
}
