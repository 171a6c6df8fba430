using Handrail.Shell;

namespace Handrail.Health;

/// <summary>Looks at the console's own health again and again, so that figures which are asked for without waiting are at hand.</summary>
public sealed class HealthWatch(HealthQueries queries, DatabaseSizes sizes, TimeProvider time, ILogger<HealthWatch> log)
    : RegularWork(Every, "The console's own health", time, log)
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time = time;
    private StoredFigures? _last;

    protected override bool AtStart => true;

    /// <summary>What the database said at the last look; null when it could not be asked for as long as three looks.</summary>
    public StoredFigures? Last => _last is { } last && _time.GetUtcNow() - last.ReadAt < 3 * Every ? last : null;

    protected override async Task RoundAsync(CancellationToken cancel)
    {
        var figures = await queries.ReadAsync(cancel);
        _last = figures;
        await sizes.NoteAsync(figures.DatabaseBytes, cancel);
    }
}
