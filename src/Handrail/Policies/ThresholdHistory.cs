using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>What a threshold is set for: which figures of the past it would have been compared with.</summary>
public abstract record ThresholdSubject
{
    /// <summary>Of this agent alone; null for the whole fleet.</summary>
    public string? Agent { get; init; }
}

/// <summary>The amounts of actions that a limit covers, in its currency.</summary>
/// <param name="Type">An exact type or a prefix ending in <c>.*</c>; null for all.</param>
public sealed record LimitSubject(string? Type, string? Category, string? Vendor, string Currency) : ThresholdSubject;

/// <summary>The figures that a breaker counts.</summary>
/// <param name="Window">Over how much time; null for whole sessions.</param>
/// <param name="Currency">For <see cref="BreakerMetric.AllowedAmount"/> alone.</param>
public sealed record BreakerSubject(BreakerScope Scope, BreakerMetric Metric, TimeSpan? Window, string? Currency) : ThresholdSubject;

/// <summary>Figures of the last 30 days.</summary>
public sealed class ThresholdHistory
{
    private readonly decimal[] _figures;

    /// <param name="figures">In any order; sorted in their place.</param>
    /// <param name="counted">What is counted, in the plural: <c>actions</c>, <c>sessions</c>, <c>hours</c>.</param>
    public ThresholdHistory(decimal[] figures, string counted)
    {
        Quantiles = Quantiles.Of(figures);
        (_figures, Counted) = (figures, counted);
    }

    /// <summary>P50 to P99 and how many; null where there are none.</summary>
    public Quantiles? Quantiles { get; }

    public string Counted { get; }

    /// <summary>There were more; these are the newest.</summary>
    public bool Cut { get; init; }

    public int Count => _figures.Length;

    /// <summary>How many lie above a threshold: what it would have stopped.</summary>
    public int Above(decimal threshold)
    {
        var (low, high) = (0, _figures.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _figures[middle] > threshold ? (low, middle) : (middle + 1, high);
        }

        return _figures.Length - low;
    }

    /// <summary>How many lie in each of equal steps from 0 to a bound; the last one holds all above as well, the first all below.</summary>
    public IReadOnlyList<int> Bins(decimal to, int count)
    {
        var bins = new int[count];
        foreach (var figure in _figures)
        {
            bins[figure <= 0 ? 0 : figure >= to ? count - 1 : Math.Min(count - 1, (int)(figure / to * count))]++;
        }

        return bins;
    }
}
