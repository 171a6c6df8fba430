using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>A part of the tokens that models were given.</summary>
/// <param name="Word">Where it came from, in our words.</param>
/// <param name="Tokens">Estimated from the share of the text.</param>
/// <param name="Share">Of the whole, 0 to 1.</param>
public sealed record OriginShare(string Word, string Class, long Tokens, double Share);

/// <summary>
/// Where the tokens that models were given came from. Providers count the whole only: each call's tokens are shared out by the length of the texts,
/// so the parts are estimates; calls whose messages were not sent are left out and counted.
/// </summary>
/// <param name="Shares">In a fixed order, without those that have none.</param>
/// <param name="Calls">Model calls that could be shared out.</param>
/// <param name="Untold">Model calls whose messages or tokens were not sent.</param>
/// <param name="ReasoningOut">Tokens of reasoning given out, as reported.</param>
public sealed record ContextOrigins(IReadOnlyList<OriginShare> Shares, int Calls, int Untold, long ReasoningOut)
{
    public static ContextOrigins Of(IEnumerable<SessionStep> steps)
    {
        Span<double> sums = stackalloc double[6];
        var (calls, untold) = (0, 0);
        var reasoning = 0L;
        foreach (var step in steps.Where(s => s is { Counts: true, Kind: StepKind.Llm }))
        {
            reasoning += step.ReasoningTokens ?? 0;
            if (step is not { Origins: { Total: > 0 } origins, InputTokens: { } input })
            {
                untold++;
                continue;
            }

            calls++;
            var perCharacter = (double)input / origins.Total;
            sums[0] += origins.System * perCharacter;
            sums[1] += origins.Tools * perCharacter;
            sums[2] += origins.User * perCharacter;
            sums[3] += origins.Assistant * perCharacter;
            sums[4] += origins.ToolOutput * perCharacter;
            sums[5] += origins.Reasoning * perCharacter;
        }

        var whole = 0d;
        foreach (var sum in sums)
        {
            whole += sum;
        }

        (string Word, string Class)[] words =
            [("System instructions", "system"), ("Tool definitions", "tools"), ("User", "user"), ("Assistant", "assistant"), ("Tool output", "output"), ("Reasoning", "reasoning")];
        var shares = new List<OriginShare>();
        for (var i = 0; i < words.Length; i++)
        {
            if (sums[i] > 0)
            {
                shares.Add(new OriginShare(words[i].Word, words[i].Class, (long)Math.Round(sums[i]), sums[i] / whole));
            }
        }

        return new ContextOrigins(shares, calls, untold, reasoning);
    }
}
