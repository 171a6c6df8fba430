using Handrail.Handoffs;

namespace Handrail.Attention;

/// <summary>How one person decides.</summary>
public sealed record ReviewerReading
{
    /// <summary>In less than this nobody has read a card.</summary>
    public static readonly TimeSpan Hasty = TimeSpan.FromSeconds(2);

    public required string Reviewer { get; init; }

    /// <summary>Approved, edited and rejected, planted cases aside.</summary>
    public required int Decisions { get; init; }

    public required int Rejected { get; init; }

    public required int Edited { get; init; }

    /// <summary>Of how many decisions it is known how long the card was looked at.</summary>
    public required int Timed { get; init; }

    /// <summary>Of those, how many in less than <see cref="Hasty"/>.</summary>
    public required int HastyOnes { get; init; }

    /// <summary>How long the card lay before the person, of those that are timed.</summary>
    public required TimeSpan? MedianLooked { get; init; }

    /// <summary>From opening to decision.</summary>
    public required TimeSpan? MedianWaited { get; init; }

    /// <summary>The longest row of decisions without a rejection or an edit.</summary>
    public required int LongestRun { get; init; }

    /// <summary>The row that goes on now.</summary>
    public required int PresentRun { get; init; }

    /// <summary>Planted cases that came before the person, and that were not let through.</summary>
    public required int Planted { get; init; }

    public required int Caught { get; init; }
}

/// <summary>How two people decided where both had to: agreed, or the second rejected what the first had approved.</summary>
public sealed record PairReading(string First, string Second, int Agreed, int Disagreed);

/// <summary>Attention over a period.</summary>
/// <param name="More">There are more decisions in the period than were read; these are the newest.</param>
public sealed record AttentionReading(DateTimeOffset Since, int Decisions, bool More, IReadOnlyList<ReviewerReading> Reviewers, IReadOnlyList<PairReading> Pairs)
{
    /// <param name="decisions">In the order in which they were taken.</param>
    public static AttentionReading Of(DateTimeOffset since, IReadOnlyList<ReviewedHandoff> decisions, bool more) => new(
        since, decisions.Count, more,
        [.. Reviewed(decisions).GroupBy(d => d.By, StringComparer.OrdinalIgnoreCase).Select(g => Read(g.Key, [.. g.Select(d => d.Decision)])).OrderByDescending(r => r.Decisions).ThenBy(r => r.Reviewer, StringComparer.Ordinal)],
        Paired(decisions));

    /// <summary>Everybody's own part: who approved first has decided as well.</summary>
    private static IEnumerable<(string By, ReviewedHandoff Decision)> Reviewed(IEnumerable<ReviewedHandoff> decisions)
    {
        foreach (var decision in decisions)
        {
            foreach (var first in decision.Approvers.Where(a => !string.Equals(a, decision.By, StringComparison.OrdinalIgnoreCase)))
            {
                // How long that one looked is not known any more.
                yield return (first, decision with { Status = HandoffStatus.Approved, Edited = false, Looked = null });
            }

            yield return (decision.By, decision);
        }
    }

    private static ReviewerReading Read(string reviewer, List<ReviewedHandoff> all)
    {
        var own = all.FindAll(d => !d.Planted && d.Status is HandoffStatus.Approved or HandoffStatus.Rejected);
        var timed = own.Where(d => d.Looked is not null).Select(d => d.Looked!.Value).Order().ToList();
        var (longest, present) = (0, 0);
        foreach (var decision in own)
        {
            present = decision.Status == HandoffStatus.Approved && !decision.Edited ? present + 1 : 0;
            longest = Math.Max(longest, present);
        }

        return new ReviewerReading
        {
            Reviewer = reviewer,
            Decisions = own.Count,
            Rejected = own.Count(d => d.Status == HandoffStatus.Rejected),
            Edited = own.Count(d => d.Edited),
            Timed = timed.Count,
            HastyOnes = timed.Count(t => t < ReviewerReading.Hasty),
            MedianLooked = timed.Count == 0 ? null : timed[(timed.Count - 1) / 2],
            MedianWaited = own.Count == 0 ? null : own.Select(d => d.Waited).Order().ElementAt((own.Count - 1) / 2),
            LongestRun = longest,
            PresentRun = present,
            Planted = all.Count(d => d.Planted),
            Caught = all.Count(d => d is { Planted: true, Status: HandoffStatus.Rejected }),
        };
    }

    private static List<PairReading> Paired(IEnumerable<ReviewedHandoff> decisions)
    {
        var pairs = new Dictionary<(string, string), (int Agreed, int Disagreed)>();
        foreach (var decision in decisions.Where(d => !d.Planted && d.Kind == HandoffKind.Approval && d.Status is HandoffStatus.Approved or HandoffStatus.Rejected))
        {
            foreach (var first in decision.Approvers.Where(a => !string.Equals(a, decision.By, StringComparison.OrdinalIgnoreCase)))
            {
                var pair = string.CompareOrdinal(first, decision.By) < 0 ? (first, decision.By) : (decision.By, first);
                var (agreed, disagreed) = pairs.GetValueOrDefault(pair);
                pairs[pair] = decision.Status == HandoffStatus.Approved ? (agreed + 1, disagreed) : (agreed, disagreed + 1);
            }
        }

        return [.. pairs.Select(p => new PairReading(p.Key.Item1, p.Key.Item2, p.Value.Agreed, p.Value.Disagreed)).OrderByDescending(p => p.Agreed + p.Disagreed).ThenBy(p => p.First, StringComparer.Ordinal)];
    }
}

/// <summary>What people made of an agent's requests of one type and version.</summary>
/// <param name="Approved">As proposed.</param>
public sealed record ShareReading(string Agent, string Type, string? AgentVersion, int Approved, int Edited, int Rejected)
{
    public int All => Approved + Edited + Rejected;
}
