using System.Globalization;

namespace Handrail.Telemetry;

/// <summary>Times as OTLP has them: nanoseconds since 1970, zero for unknown.</summary>
internal static class OtlpTime
{
    /// <summary>A clock that far ahead is wrong; its records are rejected.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);

    /// <summary>
    /// When a span began and ended. A missing time is taken from the other one, both missing from its arrival; an end
    /// before the start is put at the start. False when it lies more than a day in the future.
    /// </summary>
    public static bool TryRead(ulong start, ulong end, DateTimeOffset now, out DateTimeOffset startedAt, out DateTimeOffset endedAt)
    {
        startedAt = start > 0 ? At(start) : end > 0 ? At(end) : now;
        endedAt = end > 0 ? At(end) : startedAt;
        if (endedAt < startedAt)
            endedAt = startedAt;
        return endedAt <= now + MostAhead;
    }

    /// <summary>Cut to .NET's 100 ns. The largest value is in the year 2554, so this can't fail.</summary>
    public static DateTimeOffset At(ulong nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100));

    public static string Text(ulong nanoseconds) =>
        At(nanoseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
