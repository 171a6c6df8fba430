using Handrail.Telemetry;

namespace Handrail.Traces;

/// <summary>How many turns of a session a trace is.</summary>
public sealed class TurnCountingTests
{
    private const string Codex = "codex";

    [Fact]
    public void A_trace_of_spans_is_one_turn() =>
        Assert.Equal(1, Turns((Telling.Span, "opentelemetry-genai", "chat", false), (Telling.Span, null, "GET /", true)));

    [Fact]
    public void Each_prompt_that_a_log_event_tells_of_is_a_turn_whatever_id_it_goes_by() =>
        Assert.Equal(2, Turns(
            (Telling.Log, "gemini-cli", "gemini_cli.user_prompt", false), (Telling.Log, "gemini-cli", "gemini_cli.api_response", false),
            (Telling.Log, "gemini-cli", "gemini_cli.user_prompt", false)));

    [Fact]
    public void Calls_that_name_no_turn_are_none_of_their_own() =>
        Assert.Equal(0, Turns((Telling.Log, Codex, "codex.sse_event", false), (Telling.Repeated, Codex, "run_turn", false)));

    [Fact]
    public void Calls_that_name_their_turn_are_one_though_its_prompt_never_comes() =>
        Assert.Equal(1, Turns((Telling.Log, "claude-code", "claude_code.api_request", true)));

    private static int Turns(params (Telling Telling, string? Dialect, string Name, bool HasParent)[] steps)
    {
        var count = new TurnCounting();
        foreach ((Telling telling, string? dialect, string name, bool hasParent) in steps)
            count.Add(telling, dialect, name, hasParent);
        return count.Turns;
    }
}
