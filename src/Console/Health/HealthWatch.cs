using Handrail.Shell;

namespace Handrail.Health;

/// <summary>
/// Looks at the console's own health again and again, so that figures which are asked for without waiting are at hand, and people are told of what is
/// broken.
/// </summary>
public sealed class HealthWatch(HealthQueries queries, DatabaseSizes sizes, ConsoleHealth health, TellAilments tell, TimeProvider time, ILogger<HealthWatch> log)
    : RegularWork(Every, "The console's own health", time, log)
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time = time;
    private StoredFigures? _last;
    private HashSet<string> _broken = [];

    protected override bool AtStart => true;

    /// <summary>What the database said at the last look; null when it could not be asked for as long as three looks.</summary>
    public StoredFigures? Last => _last is { } last && _time.GetUtcNow() - last.ReadAt < 3 * Every ? last : null;

    protected override Task RoundAsync(CancellationToken cancel) => LookAsync(cancel);

    /// <summary>One look. What was broken at the look before, too, is told: a moment is no matter for a person.</summary>
    internal async Task LookAsync(CancellationToken cancel)
    {
        var figures = await queries.ReadAsync(cancel);
        _last = figures;
        await sizes.NoteAsync(figures.DatabaseBytes, cancel);
        var broken = health.Of(figures).Checks.Where(c => c.State == HealthState.Broken).ToList();
        await tell.HandleAsync([.. broken.Where(c => _broken.Contains(c.Id)).Select(c => new Ailment(c.Id, c.Title, c.Figure))], cancel);
        _broken = [.. broken.Select(c => c.Id)];
    }
}
