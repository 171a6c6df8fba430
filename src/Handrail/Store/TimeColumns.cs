namespace Handrail.Store;

/// <summary>
/// Times are microseconds in UTC on both databases: an integer in SQLite, <c>timestamptz</c> in PostgreSQL. Finer ticks are
/// dropped on the way in, so both give back the same value. Raw SQL must send times through <see cref="Parameter"/>: it passes
/// by EF's converters, and SQLite would store text without an error.
/// </summary>
public static class TimeColumns
{
    public static DateTimeOffset Truncate(DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    public static long ToMicros(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicros(long micros) =>
        DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>True when the number of microseconds is a time that .NET can hold.</summary>
    public static bool IsTime(long micros) =>
        micros >= ToMicros(DateTimeOffset.MinValue) && micros <= ToMicros(DateTimeOffset.MaxValue);

    /// <summary>A time as a raw SQL parameter of this provider wants it.</summary>
    public static object Parameter(DatabaseProvider provider, DateTimeOffset time) =>
        provider == DatabaseProvider.Sqlite ? ToMicros(time) : Truncate(time);
}
