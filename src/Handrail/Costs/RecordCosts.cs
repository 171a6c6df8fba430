using Handrail.Access;
using Handrail.Breakers;
using Handrail.Ingest;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Costs;

/// <summary>A cost as an agent reports it.</summary>
/// <param name="Index">Its place in the request.</param>
public sealed record ReportedCost(int Index, string Id, string SessionId, string Kind, decimal Amount, string Currency)
{
    /// <summary>Null for the agent of the session.</summary>
    public string? Agent { get; init; }

    /// <summary>Null for now.</summary>
    public DateTimeOffset? At { get; init; }

    public string? Name { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public string? MetadataJson { get; init; }
}

/// <summary>Why one event of a request was not taken.</summary>
public sealed record RejectedCost(int Index, string Error);

/// <summary>What became of a request's events.</summary>
public sealed record CostReceipt(int Accepted, int Duplicates, IReadOnlyList<RejectedCost> Rejected);

/// <summary>Costs that no span carries. Each is taken or rejected by itself; one sent again counts once.</summary>
public sealed class RecordCosts(HandrailStore store, BreakerWatch breakers)
{
    /// <summary>The currency of all sums; amounts in others are kept, and count as calls without a price.</summary>
    internal const string Summed = "USD";

    /// <summary>A clock that far ahead is wrong.</summary>
    private static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);

    /// <exception cref="Refusal">The caller is no agent key.</exception>
    public async Task<CostReceipt> HandleAsync(Caller caller, IReadOnlyList<ReportedCost> costs, CancellationToken cancel)
    {
        caller.Demand(Permission.ActAsAgent);
        IReadOnlyList<Noticed> noticed = [];
        var receipt = await store.WriteAsync(
            async unit =>
            {
                var ids = costs.Select(c => c.Id).ToList();
                var known = await unit.Db.CostEvents.Where(c => c.Team == caller.Team && ids.Contains(c.Id)).Select(c => c.Id).ToHashSetAsync(StringComparer.Ordinal, cancel);
                var rejected = new List<RejectedCost>();
                var hours = new Dictionary<(DateTimeOffset, string, string, string), HourlyCost>();
                var own = new Dictionary<(string, HourlyCost), SessionHour>();
                var minutes = new Dictionary<string, AgentMinute>(StringComparer.Ordinal);
                var sessions = new HashSet<string>(StringComparer.Ordinal);
                var (accepted, duplicates) = (0, 0);
                foreach (var cost in costs.OrderBy(c => c.SessionId, StringComparer.Ordinal).ThenBy(c => c.Index))
                {
                    if (known.Contains(cost.Id))
                    {
                        duplicates++;
                        continue;
                    }

                    try
                    {
                        var session = await SessionAsync(unit, caller, cost, cancel);
                        var nanos = Add(unit, caller, session, cost, hours, own);
                        if ((cost.At ?? unit.Now) > unit.Now - Tally.Past)
                        {
                            sessions.Add(session.Id);
                            Count(minutes, cost.Agent ?? session.Agent, unit.Now, nanos, cost);
                        }

                        known.Add(cost.Id);
                        accepted++;
                    }
                    catch (Refusal refusal)
                    {
                        rejected.Add(new RejectedCost(cost.Index, refusal.Message));
                    }
                }

                await unit.Db.SaveChangesAsync(cancel);
                noticed = await Noticed.OfAsync(unit.Db, unit.Db.Sessions.Where(s => sessions.Contains(s.Id)), cancel);
                await TallyTables.WriteSessionHoursAsync(new Bulk(unit.Db, store.Provider), own.Values, cancel);
                await TallyTables.WriteMinutesAsync(new Bulk(unit.Db, store.Provider), minutes.Values, cancel);
                await TallyTables.WriteHoursAsync(new Bulk(unit.Db, store.Provider), hours.Values, cancel);
                return new CostReceipt(accepted, duplicates, [.. rejected.OrderBy(r => r.Index)]);
            },
            cancel);
        breakers.Notice(noticed);
        return receipt;
    }

    private static void Count(Dictionary<string, AgentMinute> minutes, string agent, DateTimeOffset now, long? nanos, ReportedCost cost)
    {
        if (!minutes.TryGetValue(agent, out var minute))
        {
            minutes[agent] = minute = new AgentMinute { Minute = AgentMinute.Of(now), Agent = agent };
        }

        minute.CostNanos += nanos ?? 0;
        minute.UnpricedCalls += nanos is null ? 1 : 0;
        minute.Tokens += (cost.InputTokens ?? 0) + (cost.OutputTokens ?? 0);
    }

    private static async Task<Session> SessionAsync(UnitOfWork unit, Caller caller, ReportedCost cost, CancellationToken cancel)
    {
        if (cost.At > unit.Now + MostAhead)
        {
            throw Refusal.Invalid("at", "is more than a day in the future.");
        }

        var agent = cost.Agent ?? (await unit.Db.FindSessionAsync(cost.SessionId, cancel) is { } known && known.Team == caller.Team ? known.Agent : null)
            ?? (caller.Agents is [var only] ? only : throw Refusal.Invalid("agent", "is required for a session that is not known yet."));
        caller.DemandAgent(agent);
        await OpenSession.EnsureAgentAsync(unit, caller, agent, cancel);
        var session = await OpenSession.EnsureAsync(unit, caller, cost.SessionId, agent, cancel);
        if (!await unit.Db.SessionAgents.AnyAsync(a => a.SessionId == session.Id && a.Agent == agent, cancel))
        {
            unit.Db.SessionAgents.Add(new SessionAgent { SessionId = session.Id, Agent = agent });
            await unit.Db.SaveChangesAsync(cancel);
        }

        return session;
    }

    /// <returns>Billionths of a US dollar; null where that is not known.</returns>
    private static long? Add(
        UnitOfWork unit, Caller caller, Session session, ReportedCost cost, Dictionary<(DateTimeOffset, string, string, string), HourlyCost> hours,
        Dictionary<(string, HourlyCost), SessionHour> own)
    {
        var at = cost.At ?? unit.Now;
        var agent = cost.Agent ?? session.Agent;
        unit.Db.CostEvents.Add(new CostEvent
        {
            Team = caller.Team!,
            Id = cost.Id,
            SessionId = session.Id,
            Agent = agent,
            At = at,
            ReceivedAt = unit.Now,
            Kind = cost.Kind,
            Name = cost.Name,
            Amount = cost.Amount,
            Currency = cost.Currency,
            InputTokens = cost.InputTokens,
            OutputTokens = cost.OutputTokens,
            MetadataJson = cost.MetadataJson,
        });
        var nanos = cost.Currency == Summed ? UsdNanos.From(cost.Amount) : null;
        session.CostNanos = BoundedSum.Of(session.CostNanos, nanos ?? 0);

        // In another currency it is known, but not what it adds to a sum in dollars.
        session.UnpricedCalls += nanos is null ? 1 : 0;
        session.InputTokens = BoundedSum.Of(session.InputTokens, cost.InputTokens ?? 0);
        session.OutputTokens = BoundedSum.Of(session.OutputTokens, cost.OutputTokens ?? 0);
        session.Touch(unit.Now);
        unit.Tell(HintKind.Session, session.Id);

        var key = (HourlyCost.HourOf(at), agent, cost.Kind, cost.Name ?? "");
        if (!hours.TryGetValue(key, out var hour))
        {
            hours[key] = hour = new HourlyCost { Hour = key.Item1, Agent = agent, Kind = cost.Kind, Source = key.Item4 };
        }

        if (!own.TryGetValue((session.Id, hour), out var spent))
        {
            own[(session.Id, hour)] = spent = new SessionHour { SessionId = session.Id, Hour = key.Item1, Agent = agent, Kind = cost.Kind, Source = key.Item4 };
        }

        var (calls, unpriced) = (cost.Kind == HourlyCost.Model ? 1 : 0, nanos is null ? 1 : 0);
        hour.Calls += calls;
        hour.UnpricedCalls += unpriced;
        hour.CostNanos += nanos ?? 0;
        hour.InputTokens += cost.InputTokens ?? 0;
        hour.OutputTokens += cost.OutputTokens ?? 0;
        spent.Calls += calls;
        spent.UnpricedCalls += unpriced;
        spent.CostNanos += nanos ?? 0;
        spent.InputTokens += cost.InputTokens ?? 0;
        spent.OutputTokens += cost.OutputTokens ?? 0;
        return nanos;
    }
}
