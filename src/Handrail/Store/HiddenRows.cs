using System.Linq.Expressions;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Breakers;
using Handrail.Costs;
using Handrail.Handoffs;
using Handrail.Ingest;
using Handrail.Notify;
using Handrail.Policies;
using Handrail.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Handrail.Store;

/// <summary>
/// What is left out of every reading for somebody who may know nothing of some agents: their rows, and every session that one of them worked in with all
/// that is of it. Told here once, for a second model of the same tables; whoever may see everything is read for by the first, whose statements stay as they are.
/// </summary>
public sealed partial class HandrailDb
{
    /// <summary>Agents of which nothing is read; to be set before the first query.</summary>
    internal IReadOnlyCollection<string> HiddenAgents { get; set; } = [];

    private IEnumerable<string> HiddenScopes => HiddenAgents.Select(Scopes.Agent);

    /// <summary>The statement for each table. Tables that are reached by a key read from one of these, and by that alone, need none.</summary>
    private void HideRows(ModelBuilder builder)
    {
        Hide<Agent>(builder, a => !HiddenAgents.Contains(a.Name));
        Hide<Session>(builder, s => !SessionAgents.Any(w => w.SessionId == s.Id && HiddenAgents.Contains(w.Agent)));
        Hide<SessionTool>(builder, t => !SessionAgents.Any(w => w.SessionId == t.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<SessionDisagreement>(builder, d => !SessionAgents.Any(w => w.SessionId == d.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<StepRow>(builder, s => !SessionAgents.Any(w => w.SessionId == s.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<TranscriptMessage>(builder, m => !SessionAgents.Any(w => w.SessionId == m.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<GatedAction>(builder, a => !HiddenAgents.Contains(a.Agent) && !SessionAgents.Any(w => w.SessionId == a.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<Handoff>(builder, h => !HiddenAgents.Contains(h.Agent) && !SessionAgents.Any(w => w.SessionId == h.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<BreakerTrip>(builder, t => !HiddenAgents.Contains(t.Agent) && !SessionAgents.Any(w => w.SessionId == t.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<SessionHour>(builder, h => !HiddenAgents.Contains(h.Agent) && !SessionAgents.Any(w => w.SessionId == h.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<CostEvent>(builder, c => !HiddenAgents.Contains(c.Agent) && !SessionAgents.Any(w => w.SessionId == c.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<HourlyCost>(builder, h => !HiddenAgents.Contains(h.Agent));
        Hide<AgentMinute>(builder, m => !HiddenAgents.Contains(m.Agent));
        Hide<CallLatency>(builder, l => !HiddenAgents.Contains(l.Agent));
        Hide<Alert>(builder, a => (a.Agent == null || !HiddenAgents.Contains(a.Agent)) && !SessionAgents.Any(w => w.SessionId == a.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<Notice>(builder, n => (n.Agent == null || !HiddenAgents.Contains(n.Agent)) && !SessionAgents.Any(w => w.SessionId == n.SessionId && HiddenAgents.Contains(w.Agent)));
        Hide<Sender>(builder, s => s.ServiceName == null || !HiddenAgents.Contains(s.ServiceName));
        Hide<ScopeControl>(builder, c => !HiddenScopes.Contains(c.Scope));
        Hide<PolicyHead>(builder, h => !HiddenScopes.Contains(h.Scope));
        Hide<PolicyVersion>(builder, v => !HiddenScopes.Contains(v.Scope));
    }

    private static void Hide<T>(ModelBuilder builder, Expression<Func<T, bool>> seen)
        where T : class => builder.Entity<T>().HasQueryFilter(seen);

    /// <summary>Two models: with everything, and without what is hidden.</summary>
    internal sealed class ModelKey : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) => (context.GetType(), ((HandrailDb)context).HiddenAgents.Count > 0, designTime);
    }
}
