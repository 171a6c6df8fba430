using Handrail.Live;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// Compares what telemetry and the gate know of the sessions that were heard of lately, beside whoever commits: neither waits for it. All of it is in rows, so that
/// what a restart kept from being compared is compared after it.
/// </summary>
public sealed class CompareSides(HandrailStore store, PolicySnapshots policies, PriceTable prices, TimeProvider time)
{
    private const int Together = 100;

    /// <summary>After a start all that was heard of within this time is compared.</summary>
    private static readonly TimeSpan AtStart = TimeSpan.FromDays(1);

    /// <summary>A question under another session's name explains calls that are no further from it than this.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromMinutes(10);

    private static readonly BulkColumn<SessionDisagreement>[] Columns =
    [
        BulkColumn.Text<SessionDisagreement>("session_id", d => d.SessionId),
        BulkColumn.Text<SessionDisagreement>("found_json", d => d.FoundJson),
        BulkColumn.Time<SessionDisagreement>("changed_at", d => d.ChangedAt),
    ];

    private DateTimeOffset? _lookedAt;

    /// <returns>How many sessions are marked otherwise than before.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var since = (_lookedAt ?? (now - AtStart)) - TwoSides.Patience - TwoSides.Late;
        var changed = 0;
        for (Compared? last = null; ;)
        {
            var sessions = await store.ReadAsync(db => PageAsync(db, since, now, last, cancel), cancel);
            if (sessions.Count == 0)
            {
                _lookedAt = now;
                return changed;
            }

            changed += await MarkAsync(await store.ReadAsync(db => FindAsync(db, sessions, now, cancel), cancel), cancel);
            last = sessions[^1];
        }
    }

    private static Task<List<Compared>> PageAsync(HandrailDb db, DateTimeOffset since, DateTimeOffset now, Compared? last, CancellationToken cancel)
    {
        var (at, after) = (last?.LastActivityAt ?? since, last?.Id ?? "");
        return db.Sessions.Where(s => s.LastActivityAt >= at && s.LastActivityAt <= now && (s.LastActivityAt > at || s.Id.CompareTo(after) > 0) && s.Steps > 0 && s.MovedTo == null)
            .OrderBy(s => s.LastActivityAt).ThenBy(s => s.Id).Take(Together)
            .Select(s => new Compared(s.Id, s.StartedAt, s.FirstReceivedAt ?? s.StartedAt, s.LastActivityAt, s.Steps)).ToListAsync(cancel);
    }

    /// <summary>What is found of each of these sessions, where it differs from what was found before.</summary>
    private async Task<Dictionary<string, IReadOnlyList<Disagreement>>> FindAsync(HandrailDb db, List<Compared> sessions, DateTimeOffset now, CancellationToken cancel)
    {
        var reading = await SidesReading.ReadAsync(db, prices, sessions, cancel);
        var ids = sessions.ConvertAll(s => s.Id);
        var before = (await db.SessionDisagreements.AsNoTracking().Where(d => ids.Contains(d.SessionId)).ToListAsync(cancel))
            .ToDictionary(d => d.SessionId, d => JsonText.Read<List<Disagreement>>(d.FoundJson) ?? [], StringComparer.Ordinal);
        var held = new Dictionary<string, HeldTools>(StringComparer.Ordinal);
        var found = new Dictionary<string, IReadOnlyList<Disagreement>>(StringComparer.Ordinal);
        foreach (var session in sessions)
        {
            if (reading.IsCleared(session))
            {
                continue;
            }

            var earlier = before.GetValueOrDefault(session.Id) ?? [];
            var sides = reading.Of(session.Id);
            sides = sides with { Told = await HeldAsync(db, sides.Told, held, cancel) };
            var differs = TwoSides.Compare(sides, earlier, now);
            if (differs.Any(d => d is { Kind: DisagreementKind.PastTheGate, Asked: 0 }))
            {
                differs = TwoSides.Compare(sides with { Told = await ElsewhereAsync(db, session, sides.Told, cancel) }, earlier, now);
            }

            if (!differs.SequenceEqual(earlier))
            {
                found[session.Id] = differs;
            }
        }

        return found;
    }

    /// <summary>Notes at each tool since when its agent's policy holds it back.</summary>
    private async Task<IReadOnlyList<ToldTool>> HeldAsync(HandrailDb db, IReadOnlyList<ToldTool> told, Dictionary<string, HeldTools> known, CancellationToken cancel)
    {
        var noted = new List<ToldTool>(told.Count);
        foreach (var tool in told)
        {
            if (!known.TryGetValue(tool.Agent, out var held))
            {
                known[tool.Agent] = held = await HeldTools.ReadAsync(db, policies, tool.Agent, cancel);
            }

            noted.Add(tool with { HeldSince = held.Since(tool.Tool) });
        }

        return noted;
    }

    /// <summary>
    /// An agent may give the gate another session's name than its telemetry carries: what it asked for there, in a session that telemetry does not tell of at all, was asked for.
    /// </summary>
    private static async Task<IReadOnlyList<ToldTool>> ElsewhereAsync(HandrailDb db, Compared session, IReadOnlyList<ToldTool> told, CancellationToken cancel)
    {
        var agents = told.Where(t => t.HeldSince is not null).Select(t => t.Agent).Distinct(StringComparer.Ordinal).ToList();
        var (from, to) = (session.StartedAt - Around, session.LastActivityAt + Around);
        var asked = await db.Actions.Where(a => agents.Contains(a.Agent) && a.SessionId != session.Id && a.RequestedAt >= from && a.RequestedAt <= to && a.Tool != null && db.Sessions.Any(s => s.Id == a.SessionId && s.Steps == 0))
            .Select(a => new { a.Agent, Tool = a.Tool! }).Distinct().ToListAsync(cancel);
        return [.. told.Select(t => t with { AskedElsewhere = asked.Exists(a => a.Agent == t.Agent && ToolName.MayBe(a.Tool, t.Tool)) })];
    }

    /// <summary>Another process may find the same at the same moment: whoever comes second writes it again.</summary>
    private Task<int> MarkAsync(Dictionary<string, IReadOnlyList<Disagreement>> found, CancellationToken cancel) => found.Count == 0 ? Task.FromResult(0) : store.WriteAsync(
        async unit =>
        {
            var marked = found.Where(f => f.Value.Count > 0).OrderBy(f => f.Key, StringComparer.Ordinal)
                .Select(f => new SessionDisagreement { SessionId = f.Key, FoundJson = JsonText.Of(f.Value), ChangedAt = unit.Now }).ToList();
            await new Bulk(unit.Db, store.Provider).InsertAsync(
                "session_disagreements", Columns, marked, "ON CONFLICT (session_id) DO UPDATE SET found_json = excluded.found_json, changed_at = excluded.changed_at", cancel);
            var settled = found.Where(f => f.Value.Count == 0).Select(f => f.Key).ToList();
            await unit.Db.SessionDisagreements.Where(d => settled.Contains(d.SessionId)).ExecuteDeleteAsync(cancel);
            foreach (var id in found.Keys)
            {
                unit.Tell(HintKind.Session, id);
            }

            return found.Count;
        },
        cancel);
}

/// <summary>A session that is compared.</summary>
/// <param name="FirstReceivedAt">Its steps are looked for from there on.</param>
/// <param name="Steps">How many came; fewer are kept once some were cleared away.</param>
internal sealed record Compared(string Id, DateTimeOffset StartedAt, DateTimeOffset FirstReceivedAt, DateTimeOffset LastActivityAt, int Steps);

/// <summary>Which tools the policies of an agent hold back, and since when: what is switched off, and what others see or nobody can undo.</summary>
internal sealed class HeldTools(IReadOnlyList<PolicyLayer> layers, DateTimeOffset since)
{
    public static async Task<HeldTools> ReadAsync(HandrailDb db, PolicySnapshots policies, string agent, CancellationToken cancel)
    {
        var versions = await PolicySnapshots.VersionsAsync(db, agent, forDecision: false, cancel);
        var scope = Scopes.Agent(agent);
        var since = await db.PolicyVersions.Where(v => (v.Scope == Scopes.Fleet && v.Version == versions.Fleet) || (v.Scope == scope && v.Version == versions.Agent))
            .Select(v => (DateTimeOffset?)v.At).MaxAsync(cancel);
        return new HeldTools(await policies.LayersAsync(db, agent, versions, cancel), since ?? DateTimeOffset.MaxValue);
    }

    /// <summary>Null for a tool that is not held back. Where all layers leave it to the agent to decide offline, only what is switched off is.</summary>
    public DateTimeOffset? Since(string tool)
    {
        var name = ComparableText.Of(tool);
        var offline = layers.All(l => l.Document.Offline.Mode == OfflineMode.Policy);
        return layers.SelectMany(l => l.Document.Tools).Any(t => ComparableText.Of(t.Name) == name && (!t.Enabled || (!offline && t.Risk >= Risk.External))) ? since : null;
    }
}
