namespace Handrail.Health;

/// <summary>
/// How long things took over the last minutes, as counts in classes of length that grow by a fifth each: a percentile is right to that much, and
/// the memory is the same however much is noted.
/// </summary>
public sealed class LagWindow(TimeProvider time)
{
    /// <summary>How far back it looks.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(5);

    private const int Slots = 30;

    /// <summary>Classes for each doubling, from a millisecond on.</summary>
    private const int PerDoubling = 4;

    private const int Classes = 68;

    private static readonly long SlotTicks = Length.Ticks / Slots;

    private readonly Lock _lock = new();
    private readonly long[,] _counts = new long[Slots, Classes];
    private readonly long[] _slotOf = new long[Slots];

    /// <param name="records">How many took that long.</param>
    public void Note(TimeSpan took, long records)
    {
        var number = time.GetUtcNow().UtcTicks / SlotTicks;
        var slot = (int)(number % Slots);
        lock (_lock)
        {
            if (_slotOf[slot] != number)
            {
                for (var i = 0; i < Classes; i++)
                {
                    _counts[slot, i] = 0;
                }

                _slotOf[slot] = number;
            }

            _counts[slot, ClassOf(took)] += records;
        }
    }

    /// <summary>The length that this share of all that was noted did not exceed; null when nothing was noted.</summary>
    /// <param name="share">From 0 to 1: 0.99 for the 99th percentile.</param>
    public TimeSpan? Percentile(double share)
    {
        var last = time.GetUtcNow().UtcTicks / SlotTicks;
        Span<long> sums = stackalloc long[Classes];
        long all = 0;
        lock (_lock)
        {
            for (var slot = 0; slot < Slots; slot++)
            {
                if (_slotOf[slot] <= last - Slots || _slotOf[slot] > last)
                {
                    continue;
                }

                for (var i = 0; i < Classes; i++)
                {
                    sums[i] += _counts[slot, i];
                    all += _counts[slot, i];
                }
            }
        }

        if (all == 0)
        {
            return null;
        }

        var wanted = (long)Math.Ceiling(all * share);
        var seen = 0L;
        var at = 0;
        while (at < Classes - 1 && (seen += sums[at]) < wanted)
        {
            at++;
        }

        return TimeSpan.FromMilliseconds(Math.Pow(2, (double)at / PerDoubling));
    }

    private static int ClassOf(TimeSpan took) =>
        took.TotalMilliseconds <= 1 ? 0 : Math.Min(Classes - 1, (int)Math.Ceiling(PerDoubling * Math.Log2(took.TotalMilliseconds)));
}
