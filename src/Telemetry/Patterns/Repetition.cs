namespace Handrail.Telemetry;

/// <summary>The call that was made most often, the same way and with the same outcome.</summary>
/// <param name="Count">How often; 0 where no call is known well enough to be compared.</param>
/// <param name="Kind">A tool's call or a message.</param>
/// <param name="Tool">The tool; null for a message.</param>
/// <param name="KnownResult">What came back is known and was the same; false where it is not known of all of them.</param>
public readonly record struct Repetition(int Count, StepKind Kind, string? Tool, bool KnownResult)
{
    /// <summary>Only so many of the last calls are looked at: what comes again after longer is no loop.</summary>
    public const int Window = 20;

    /// <summary>Looks through the last calls of a session.</summary>
    /// <param name="calls">In the order they began.</param>
    public static Repetition Of(ReadOnlySpan<Call> calls)
    {
        calls = calls[Math.Max(0, calls.Length - Window)..];
        Repetition most = default;
        for (int i = 0; i < calls.Length; i++)
        {
            if (calls[i].Asked is not { } asked || calls[i].Kind is not (StepKind.Llm or StepKind.Tool or StepKind.Retrieval or StepKind.Embedding))
                continue;

            // One whose result is not known is as good as the same.
            (int count, bool known) = (0, true);
            foreach (Call other in calls)
            {
                if (other.Asked != asked || other.Kind != calls[i].Kind || other.Failed != calls[i].Failed || (other.Got is { } got && calls[i].Got is { } mine && got != mine))
                    continue;
                count++;
                known &= other.Got is not null;
            }

            if (count > most.Count)
                most = new Repetition(count, calls[i].Kind, calls[i].Tool, known);
        }

        return most;
    }
}
