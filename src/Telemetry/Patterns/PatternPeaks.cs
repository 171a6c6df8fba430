namespace Handrail.Telemetry;

/// <summary>How far a session's patterns went at their worst: the highest figure that a breaker would have seen as the calls came in.</summary>
public static class PatternPeaks
{
    /// <summary>Calls that are looked at together: what breakers look at, at the least.</summary>
    public const int LooksAt = 80;

    /// <param name="calls">All of one session, in the order they began.</param>
    public static int Repetitions(ReadOnlySpan<Call> calls)
    {
        var peak = 0;
        for (var end = 1; end <= calls.Length; end++)
        {
            // The figure grows with a call that was made before, and with no other.
            if (calls[end - 1].Asked is not null)
            {
                peak = Math.Max(peak, Repetition.Of(calls[Math.Max(0, end - Repetition.Window)..end]).Count);
            }
        }

        return peak;
    }

    /// <inheritdoc cref="Repetitions"/>
    public static int Errors(ReadOnlySpan<Call> calls)
    {
        var peak = 0;
        for (var end = 1; end <= calls.Length; end++)
        {
            if (calls[end - 1].Failed)
            {
                peak = Math.Max(peak, ErrorRun.Of(calls[Math.Max(0, end - LooksAt)..end]));
            }
        }

        return peak;
    }

    /// <inheritdoc cref="Repetitions"/>
    public static int HandedOn(ReadOnlySpan<Call> calls)
    {
        var peak = 0;
        for (var end = 2; end <= calls.Length; end++)
        {
            if (calls[end - 1].Kind == StepKind.Handoff || calls[end - 1].Agent != calls[end - 2].Agent)
            {
                peak = Math.Max(peak, PingPong.Of(calls[Math.Max(0, end - LooksAt)..end]).Count);
            }
        }

        return peak;
    }

    /// <summary>The longest silence between moments, in whole seconds, leaving out what lies within a wait for a person.</summary>
    /// <param name="moments">When something came in, in order.</param>
    /// <param name="waits">From when until when the session waited for a person.</param>
    public static long Silence(ReadOnlySpan<DateTimeOffset> moments, IReadOnlyList<(DateTimeOffset From, DateTimeOffset Until)> waits)
    {
        var longest = TimeSpan.Zero;
        for (var i = 1; i < moments.Length; i++)
        {
            var (from, until) = (moments[i - 1], moments[i]);
            foreach (var wait in waits.OrderBy(w => w.From))
            {
                if (wait.From >= until || wait.Until <= from)
                {
                    continue;
                }

                longest = wait.From - from > longest ? wait.From - from : longest;
                from = wait.Until;
            }

            longest = until - from > longest ? until - from : longest;
        }

        return (long)longest.TotalSeconds;
    }
}
