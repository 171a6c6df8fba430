namespace Handrail.Client.Wire;

/// <summary>
/// When something was, so that its age can be told whatever clocks do: by the machine's running time, which stands still while it sleeps, and by the date, which
/// somebody may set back. The greater age counts.
/// </summary>
internal readonly record struct Moment(long Timestamp, DateTimeOffset Date)
{
    public static Moment Now(TimeProvider clock) => new(clock.GetTimestamp(), clock.GetUtcNow());

    public TimeSpan Age(TimeProvider clock)
    {
        var (running, dated) = (clock.GetElapsedTime(Timestamp), clock.GetUtcNow() - Date);
        return running > dated ? running : dated;
    }
}
