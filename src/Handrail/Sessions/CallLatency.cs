namespace Handrail.Sessions;

/// <summary>How many calls of one kind an agent made within one hour that took about so long: what percentiles are read from.</summary>
public sealed class CallLatency
{
    /// <summary>So many buckets until a duration has doubled: a percentile is true to a tenth.</summary>
    private const int PerDoubling = 4;

    /// <summary>About four hours; whatever takes longer is counted with it.</summary>
    private const int LastBucket = 95;

    /// <summary>The hour's beginning, by the clock of the step.</summary>
    public DateTimeOffset Hour { get; set; }

    public required string Agent { get; set; }

    /// <summary><c>model</c> or <c>tool</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>As <see cref="BucketOf"/> tells it.</summary>
    public int Bucket { get; set; }

    public int Calls { get; set; }

    /// <summary>The bucket of a duration: 0 up to a millisecond, then four until it has doubled.</summary>
    public static int BucketOf(TimeSpan took) => took.TotalMilliseconds <= 1 ? 0 : Math.Min(LastBucket, (int)Math.Ceiling(Math.Log2(took.TotalMilliseconds) * PerDoubling));

    /// <summary>The duration in the middle of a bucket.</summary>
    public static TimeSpan Of(int bucket) => TimeSpan.FromMilliseconds(Math.Pow(2, Math.Max(0, bucket - 0.5) / PerDoubling));

    /// <summary>The duration that this share of the calls took at most; null where there were none.</summary>
    public static TimeSpan? Percentile(IEnumerable<(int Bucket, int Calls)> buckets, double share)
    {
        // Calls are taken back from where they were counted when a trace is read anew, so that a bucket may be below nothing for a moment.
        var counted = buckets.Where(b => b.Calls > 0).OrderBy(b => b.Bucket).ToList();
        var (all, reached) = (counted.Sum(b => (long)b.Calls), 0L);
        foreach (var (bucket, calls) in counted)
        {
            if ((reached += calls) >= share * all)
            {
                return Of(bucket);
            }
        }

        return null;
    }
}
