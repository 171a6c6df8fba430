using Handrail.Access;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Costs;

/// <summary>What the Costs page is asked for, as its address has it.</summary>
/// <param name="Range">A word of <see cref="SpendRange.Named"/>; null for the usual.</param>
/// <param name="From">The first day of an own range.</param>
/// <param name="To">Its last day.</param>
public sealed record CostQuestion(string? Range, string? From, string? To, SpendFilter Filter, SpendBy By);

/// <summary>The Costs page.</summary>
/// <param name="Agents">Every agent that is known, for the filter.</param>
/// <param name="Dearest">The ten dearest sessions.</param>
public sealed record CostScreen(
    SpendReading Spend, IReadOnlyList<BudgetReading> Budgets, AnomalyReading Anomalies, CacheReading Caching, SpendSessions Dearest, OutcomeReading Outcomes, IReadOnlyList<string> Agents);

/// <summary>What was spent, shaped for the Costs page and its file. Days are those of the fleet's policy, which budgets go by too.</summary>
public sealed class CostScreens(HandrailStore store, SpendQueries spend, SpendBudgets budgets, OutcomeQueries outcomes, PolicySnapshots policies, PriceTable prices, TimeProvider time)
{
    /// <summary>Sessions shown at first.</summary>
    public const int Dearest = 10;

    /// <exception cref="Refusal">No right to look, or the question has a wrong member.</exception>
    public async Task<CostScreen> ReadAsync(Caller caller, CostQuestion question, CancellationToken cancel)
    {
        var range = await RangeAsync(caller, question, cancel);
        var filter = question.Filter;

        // Off the caller's context, side by side: adding up what hundreds of thousands of rows say must not hold up a page.
        var spent = Task.Run(() => spend.ReadAsync(caller, range, filter, question.By, cancel), cancel);
        var anomalies = Task.Run(() => AnomaliesAsync(caller, range, filter, cancel), cancel);
        var caching = Task.Run(async () => CacheReading.Of(await spend.ByHourAsync(caller, range, filter, SpendBy.Model, cancel), prices), cancel);
        var dearest = Task.Run(() => spend.SessionsAsync(caller, range, filter, 0, Dearest, cancel), cancel);
        var ended = Task.Run(() => outcomes.ReadAsync(caller, range, filter, cancel), cancel);
        var standing = Task.Run(() => budgets.ListAsync(caller, cancel), cancel);
        var agents = await store.ReadAsync(caller, db => db.Agents.OrderBy(a => a.Name).Select(a => a.Name).ToListAsync(cancel), cancel);
        await Task.WhenAll(spent, anomalies, caching, dearest, ended, standing);
        return new CostScreen(await spent, await standing, await anomalies, await caching, await dearest, await ended, agents);
    }

    /// <summary>More of the sessions behind a figure.</summary>
    /// <exception cref="Refusal">No right to look, or the question has a wrong member.</exception>
    public async Task<SpendSessions> SessionsAsync(Caller caller, CostQuestion question, int skip, int take, CancellationToken cancel) =>
        await spend.SessionsAsync(caller, await RangeAsync(caller, question, cancel), question.Filter, skip, take, cancel);

    /// <summary>Every figure of the range by itself, for a file.</summary>
    /// <exception cref="Refusal">No right to look, or the question has a wrong member.</exception>
    public async Task<(SpendRange Range, IReadOnlyList<(SpendBucket Bucket, SpendLine Line)> Cells)> FileAsync(Caller caller, CostQuestion question, CancellationToken cancel)
    {
        var range = await RangeAsync(caller, question, cancel);
        return (range, await spend.CellsAsync(caller, range, question.Filter, question.By, cancel));
    }

    private async Task<AnomalyReading> AnomaliesAsync(Caller caller, SpendRange range, SpendFilter filter, CancellationToken cancel)
    {
        var known = await spend.ByHourAsync(caller, range with { First = range.First.AddDays(-7 * SpendAnomalies.Weeks) }, filter, SpendBy.Agent, cancel);
        return SpendAnomalies.Of(known.ToDictionary(h => (h.Key, h.Hour), h => h.Sum.Usd), range, time.GetUtcNow(), wholeFleet: filter.Agent is null);
    }

    private async Task<SpendRange> RangeAsync(Caller caller, CostQuestion question, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        var zone = await store.ReadAsync(caller, db => ZoneAsync(db, policies, cancel), cancel);
        return SpendRange.Of(question.Range, question.From, question.To, time.GetUtcNow(), zone);
    }

    /// <summary>The place by whose clock the fleet's budgets go: that of its policy, or UTC.</summary>
    internal static async Task<TimeZoneInfo> ZoneAsync(HandrailDb db, PolicySnapshots policies, CancellationToken cancel)
    {
        var version = await db.PolicyHeads.Where(h => h.Scope == Scopes.Fleet).Select(h => h.Version).SingleOrDefaultAsync(cancel);
        var name = version == 0 ? null : (await policies.LayerAsync(db, Scopes.Fleet, version, cancel)).Document.TimeZone;
        return name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
    }
}
