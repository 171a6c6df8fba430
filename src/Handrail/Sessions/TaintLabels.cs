using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Reads what sessions are tainted with: the labels, in the policies now in force, of the tools that each has used.</summary>
internal static class TaintLabels
{
    /// <summary>The labels of each session; those that have none are left out.</summary>
    public static async Task<Dictionary<string, IReadOnlyList<string>>> OfAsync(
        HandrailDb db, PolicySnapshots policies, IReadOnlyCollection<Session> sessions, CancellationToken cancel)
    {
        var ids = sessions.Select(s => s.Id).ToList();
        var tools = await db.SessionTools.AsNoTracking().Where(t => ids.Contains(t.SessionId)).Select(t => new { t.SessionId, t.Tool }).ToListAsync(cancel);
        var labels = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (tools.Count == 0)
        {
            return labels;
        }

        var agents = sessions.ToDictionary(s => s.Id, s => s.Agent, StringComparer.Ordinal);
        var layers = new Dictionary<string, IReadOnlyList<PolicyLayer>>(StringComparer.Ordinal);
        foreach (var used in tools.GroupBy(t => t.SessionId, t => t.Tool))
        {
            var agent = agents[used.Key];
            if (!layers.TryGetValue(agent, out var ruling))
            {
                var versions = await PolicySnapshots.VersionsAsync(db, agent, forDecision: false, cancel);
                layers[agent] = ruling = await policies.LayersAsync(db, agent, versions, cancel);
            }

            if (Taint.Labels(ruling, used) is { Count: > 0 } found)
            {
                labels[used.Key] = found;
            }
        }

        return labels;
    }
}
