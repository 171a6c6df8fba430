using Handrail.Policy;
using Handrail.Sessions;

namespace Handrail.Breakers;

/// <summary>What a session's row tells its breakers.</summary>
internal static class SessionFigures
{
    /// <summary>A billionth of a US dollar is what costs are counted in.</summary>
    public const decimal NanosPerUsd = 1_000_000_000m;

    public static BreakerFigures Of(Session session, DateTimeOffset now) => new()
    {
        CostUsd = session.CostNanos / NanosPerUsd,
        Turns = session.Turns,
        Steps = session.Steps,
        LlmCalls = session.LlmCalls,
        ToolCalls = session.ToolCalls,
        Tokens = session.InputTokens + (decimal)session.OutputTokens,
        ContextTokens = session.ContextTokens,
        ElapsedSeconds = Elapsed(session, now),
        Errors = session.Errors,
        UnpricedCalls = session.UnpricedCalls,
    };

    /// <summary>By our clock: an agent whose clock is wrong neither escapes nor trips anything falsely.</summary>
    private static decimal Elapsed(Session session, DateTimeOffset now) =>
        decimal.Floor((decimal)Math.Max(0, (now - (session.FirstReceivedAt ?? session.StartedAt)).TotalSeconds));
}
