using System.Globalization;
using Handrail.Faults.Load;

namespace Handrail.Faults.Soak;

/// <summary>What was measured during a soak, by name: each figure with its second.</summary>
internal sealed class SoakRecord
{
    public const string Memory = "memory, MB";
    public const string Heap = "managed heap, MB";
    public const string Handles = "handles";
    public const string Threads = "threads";

    private const int Needed = 6;

    private readonly Dictionary<string, List<(double At, double Figure)>> _series = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, List<(double At, double Figure)>> Series => _series;

    public void Note(TimeSpan at, Vitals vitals)
    {
        Note(at, Memory, vitals.Memory / 1e6);
        Note(at, Handles, vitals.Handles);
        Note(at, Threads, vitals.Threads);
    }

    /// <summary>How long a page took to show something.</summary>
    public void Note(TimeSpan at, string what, TimeSpan took) => Note(at, what + ", ms", took.TotalMilliseconds);

    public void Note(TimeSpan at, string what, double figure)
    {
        if (!_series.TryGetValue(what, out var series))
        {
            _series[what] = series = [];
        }

        series.Add((at.TotalSeconds, figure));
    }

    /// <summary>What grew in the last two thirds of the run, in words.</summary>
    public IEnumerable<string> Grown() => _series.Where(s => s.Value.Count >= Needed).Select(s => (s.Key, Trend: Trend.Of(s.Value))).Where(s => !s.Trend.IsFlat(Allowed(s.Key, s.Trend.Middle)))
        .Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key}: from {s.Trend.Middle:0.#} in the second third to {s.Trend.Last:0.#} in the last, and by the slope {s.Trend.Slope:+0.#;-0.#} over both"));

    /// <summary>Each series' medians of the second and the last third.</summary>
    public override string ToString() => string.Join("; ", _series.Select(s =>
    {
        var trend = Trend.Of(s.Value);
        return string.Create(CultureInfo.InvariantCulture, $"{s.Key} {trend.Middle:0.#} → {trend.Last:0.#}{(s.Value.Count >= Needed ? $" (slope {trend.Slope:+0.#;-0.#;0})" : "")}");
    }));

    /// <summary>
    /// By how much something may differ between the thirds and still be called flat: less than a leak of 20 MB over the run brings, more than the collector's own moods and
    /// the connections that come and go. A page's time is the machine's too.
    /// </summary>
    private static double Allowed(string what, double middle) => what switch
    {
        Heap => 8,
        Memory => Math.Max(16, 0.06 * middle),
        Handles => 16,
        Threads => 6,
        _ => Math.Max(100, 0.5 * middle),
    };
}
