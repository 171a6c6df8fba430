namespace Handrail.Telemetry;

/// <summary>Failures without a success between them.</summary>
public static class ErrorRun
{
    /// <summary>How many of the last calls failed, one after the other.</summary>
    /// <param name="calls">In any order: what ended last is what was known last.</param>
    public static int Of(ReadOnlySpan<Call> calls)
    {
        DateTimeOffset lastSuccess = DateTimeOffset.MinValue;
        foreach (Call call in calls)
        {
            if (!call.Failed && call.EndedAt > lastSuccess)
                lastSuccess = call.EndedAt;
        }

        int run = 0;
        foreach (Call call in calls)
            run += call.Failed && call.EndedAt > lastSuccess ? 1 : 0;
        return run;
    }
}
