using Handrail.Access;
using Handrail.Audit;
using Handrail.Notify;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Costs;

/// <summary>Budgets of the fleet and of agents: set with a reason, read with how they stand, told of once in each period at 80 % and at all of it.</summary>
public sealed class SpendBudgets(HandrailStore store, PolicySnapshots policies, TimeProvider time)
{
    public const decimal Most = 1_000_000_000m;

    private const string Key = "costs.budgets";
    private const string ToldKey = "costs.budgets.told";

    /// <summary>Shares of a budget that are told of, in percent.</summary>
    private static readonly int[] Marks = [80, 100];

    /// <summary>Sets a budget, or takes it away.</summary>
    /// <param name="agent">Null for the fleet.</param>
    /// <param name="usd">Null for none.</param>
    /// <exception cref="Refusal">No right to, no reason, no such agent, or the amount is none.</exception>
    public Task SetAsync(Caller caller, string? agent, SpendPeriod period, decimal? usd, string reason, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.EditPolicy);
        if (usd is <= 0 or > Most)
        {
            throw Refusal.Invalid("usd", $"must be above 0 and at most {Most:0}.");
        }

        if (string.IsNullOrWhiteSpace(reason))
        {
            throw Refusal.Invalid("reason", "is required.");
        }

        return store.WriteAsync(
            async unit =>
            {
                if (agent is not null && usd is not null && !await unit.Db.Agents.AnyAsync(a => a.Name == agent, cancel))
                {
                    throw Refusal.NotFound($"agent '{agent}'");
                }

                if (agent is not null)
                {
                    await unit.Db.DemandAgentAsync(caller, agent, cancel);
                }

                await unit.Db.DemandForScopeAsync(caller, Permission.EditPolicy, agent is null ? Scopes.Fleet : Scopes.Agent(agent), cancel);

                var row = await unit.Db.LockSettingAsync(Key, cancel);
                var budgets = Read(row);
                var before = budgets.Find(b => b.Agent == agent && b.Period == period);
                if (before?.Usd == usd)
                {
                    return;
                }

                budgets.RemoveAll(b => b == before);
                if (usd is { } amount)
                {
                    budgets.Add(new SpendBudget(agent, period, amount));
                }

                unit.Set(row, Key, JsonText.Of(budgets.OrderBy(b => b.Agent, StringComparer.Ordinal).ThenBy(b => b.Period)), caller.Name);
                unit.Record(new AuditEntry(caller, usd is null ? "budget.remove" : "budget.set", $"budget:{(agent is null ? Scopes.Fleet : Scopes.Agent(agent))}:{period.Text()}")
                {
                    Reason = reason,
                    Before = before is null ? null : new { usd = before.Usd },
                    After = usd is null ? null : new { usd },
                });
            },
            cancel);
    }

    /// <summary>The budgets, the fleet's first.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<IReadOnlyList<BudgetReading>> ListAsync(Caller caller, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return store.ReadAsync<IReadOnlyList<BudgetReading>>(
            caller,
            async db =>
            {
                var budgets = Read(await db.Settings.SingleOrDefaultAsync(s => s.Key == Key, cancel));
                budgets.RemoveAll(b => b.Agent is not null && db.HiddenAgents.Contains(b.Agent));
                if (budgets.Count == 0)
                {
                    return [];
                }

                var zone = await CostScreens.ZoneAsync(db, policies, cancel);
                var readings = new List<BudgetReading>();
                foreach (var of in budgets.GroupBy(b => b.Agent))
                {
                    readings.AddRange(await StandAsync(db, of.Key, [.. of], zone, cancel));
                }

                return readings;
            },
            cancel);
    }

    /// <summary>What the fleet may spend in a day, in US dollars; null where nobody has set it.</summary>
    internal static async Task<decimal?> OfFleetADayAsync(HandrailDb db, CancellationToken cancel) =>
        Read(await db.Settings.SingleOrDefaultAsync(s => s.Key == Key, cancel)).Find(b => b is { Agent: null, Period: SpendPeriod.Day })?.Usd;

    /// <summary>Tells of budgets that have come to a mark, each once in a period over all processes; one that was changed, anew.</summary>
    public async Task TellAsync(CancellationToken cancel)
    {
        var due = await store.ReadAsync(DueAsync, cancel);
        if (due.Count == 0)
        {
            return;
        }

        await store.WriteAsync(
            async unit =>
            {
                var row = await unit.Db.LockSettingAsync(ToldKey, cancel);
                var told = Told(row);
                foreach (var (mark, notice) in due)
                {
                    if (told.TryAdd(mark, unit.Now))
                    {
                        Notices.Add(unit, notice);
                    }
                }

                // A month's mark is needed no longer than the month.
                foreach (var old in told.Where(t => unit.Now - t.Value > TimeSpan.FromDays(40)).Select(t => t.Key).ToList())
                {
                    told.Remove(old);
                }

                unit.Set(row, ToldKey, JsonText.Of(told), Caller.System.Name);
            },
            cancel);

        async Task<List<(string Mark, Notice Notice)>> DueAsync(HandrailDb db)
        {
            var rows = await db.Settings.Where(s => s.Key == Key || s.Key == ToldKey).ToDictionaryAsync(s => s.Key, cancel);
            var budgets = Read(rows.GetValueOrDefault(Key));
            var notices = new List<(string, Notice)>();
            if (budgets.Count == 0)
            {
                return notices;
            }

            var (told, zone) = (Told(rows.GetValueOrDefault(ToldKey)), await CostScreens.ZoneAsync(db, policies, cancel));
            var today = CostDays.Of(time.GetUtcNow(), zone);
            foreach (var budget in budgets)
            {
                var first = SpendBudget.FirstDay(budget.Period, today);
                var spent = (await HoursAsync(db, budget.Agent, new SpendRange(first, today, zone), cancel)).Values.Sum();
                if (Marks.Where(m => spent * 100 >= budget.Usd * m).DefaultIfEmpty().Max() is > 0 and var reached)
                {
                    var mark = FormattableString.Invariant($"{(budget.Agent is null ? Scopes.Fleet : Scopes.Agent(budget.Agent))}|{budget.Period.Text()}|{first:yyyy-MM-dd}|{budget.Usd}|{reached}");
                    if (!told.ContainsKey(mark))
                    {
                        notices.Add((mark, BudgetNotices.Of(budget, first, spent, reached)));
                    }
                }
            }

            return notices;
        }
    }

    private async Task<IEnumerable<BudgetReading>> StandAsync(HandrailDb db, string? agent, IReadOnlyList<SpendBudget> budgets, TimeZoneInfo zone, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var today = CostDays.Of(now, zone);
        var known = await HoursAsync(db, agent, new SpendRange(today.AddDays(-Math.Max(SpendForecast.MostDays + 1, 31)), today, zone), cancel);
        var forecast = known.Count == 0 ? null : SpendForecast.From(known, known.Keys.Min(), now, zone);
        var readings = new List<BudgetReading>();
        foreach (var budget in budgets)
        {
            var (first, next) = (SpendBudget.FirstDay(budget.Period, today), SpendBudget.NextDay(budget.Period, today));
            var since = CostDays.StartOf(first, zone);
            var spent = known.Where(h => h.Key >= since).Sum(h => h.Value);
            var unpriced = await db.HourlyCosts.Where(h => h.Hour >= since && (agent == null || h.Agent == agent)).SumAsync(h => (long)h.UnpricedCalls, cancel);
            readings.Add(new BudgetReading(budget, first, next.AddDays(-1), spent, unpriced, forecast?.To(spent, now, CostDays.StartOf(next, zone), budget.Usd)));
        }

        return readings;
    }

    private static async Task<Dictionary<DateTimeOffset, decimal>> HoursAsync(HandrailDb db, string? agent, SpendRange range, CancellationToken cancel) =>
        (await SpendRows.CellsAsync(db, range, new SpendFilter { Agent = agent }, SpendBy.Agent, cancel)).GroupBy(c => c.Hour).ToDictionary(g => g.Key, g => g.Sum(c => c.Sum.Usd));

    private static List<SpendBudget> Read(Setting? row) => JsonText.Read<List<SpendBudget>>(row?.Json) ?? [];

    private static Dictionary<string, DateTimeOffset> Told(Setting? row) => JsonText.Read<Dictionary<string, DateTimeOffset>>(row?.Json) ?? [];
}
