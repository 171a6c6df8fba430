using Handrail.Access;
using Handrail.Breakers;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>How the figures that thresholds are set for were distributed over the last 30 days.</summary>
public sealed class ThresholdQueries(HandrailStore store, TimeProvider time)
{
    /// <summary>How far back figures are looked for.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromDays(30);

    /// <summary>Beyond so many the newest tell enough, and more would be slow.</summary>
    public const int MostRead = 100_000;

    /// <exception cref="Refusal">No right to look.</exception>
    public Task<ThresholdHistory> ReadAsync(Caller caller, ThresholdSubject subject, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);

        // Off the caller's context: sorting many figures must not hold up a page.
        return Task.Run(() => subject switch
        {
            LimitSubject limit => AmountsAsync(caller, limit, cancel),
            BreakerSubject breaker => store.ReadAsync(caller, db => PastBreakerFigures.ReadAsync(db, breaker, time.GetUtcNow() - Lately, cancel), cancel),
            _ => throw new ArgumentException($"{subject.GetType().Name} is no subject known here.", nameof(subject)),
        });
    }

    /// <summary>Amounts by agent, action type as it is compared, and currency; those of all agents together under an agent without a name.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<IReadOnlyDictionary<(string Agent, string Type, string Currency), ThresholdHistory>> AmountsAsync(Caller caller, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return Task.Run<IReadOnlyDictionary<(string, string, string), ThresholdHistory>>(async () =>
        {
            var rows = await AmountRowsAsync(caller, null, null, cancel);
            return rows.SelectMany(r => new[] { r, r with { Agent = "" } }).GroupBy(r => (r.Agent, Type: ComparableText.Of(r.Type), r.Currency))
                .ToDictionary(g => (g.Key.Agent, g.Key.Type, g.Key.Currency), g => new ThresholdHistory([.. g.Select(r => r.Amount)], "actions") { Cut = rows.Count == MostRead });
        });
    }

    private async Task<ThresholdHistory> AmountsAsync(Caller caller, LimitSubject limit, CancellationToken cancel)
    {
        var rows = await AmountRowsAsync(caller, limit.Agent, limit.Currency, cancel);
        var (category, vendor) = (Comparable(limit.Category), Comparable(limit.Vendor));
        var document = limit.Type is null ? null : new PolicyDocument { Actions = [new ActionLevel(limit.Type, Autonomy.Off)] };
        var covered = rows.Select(r => r.Type).Distinct().Where(type => document?.LevelEntryFor(type) is not null || document is null).ToHashSet(StringComparer.Ordinal);
        return new ThresholdHistory(
            [.. rows.Where(r => covered.Contains(r.Type) && (category is null || Comparable(r.Category) == category) && (vendor is null || Comparable(r.Vendor) == vendor)).Select(r => r.Amount)],
            "actions")
        {
            Cut = rows.Count == MostRead,
        };
    }

    private Task<List<AmountRow>> AmountRowsAsync(Caller caller, string? agent, string? currency, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            var since = time.GetUtcNow() - Lately;
            var actions = db.Actions.AsNoTracking().Where(a => a.RequestedAt >= since && a.Amount != null && a.Currency != null);
            if (agent is not null)
            {
                actions = actions.Where(a => a.Agent == agent);
            }

            if (currency is not null)
            {
                actions = actions.Where(a => a.Currency == currency);
            }

            return await actions.OrderByDescending(a => a.RequestedAt).Take(MostRead)
                .Select(a => new AmountRow(a.Agent, a.Type, a.Category, a.Vendor, a.Currency!, a.Amount!.Value)).ToListAsync(cancel);
        },
        cancel);

    private static string? Comparable(string? text) => text is null ? null : ComparableText.Of(text);

    private sealed record AmountRow(string Agent, string Type, string? Category, string? Vendor, string Currency, decimal Amount);
}
