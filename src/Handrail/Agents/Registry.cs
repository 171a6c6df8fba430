using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Agents;

/// <summary>What an administrator says of an agent; null leaves it.</summary>
public sealed record AgentEntry(
    string? Team = null, string? Owner = null, string? Description = null, IReadOnlyList<string>? DataScopes = null, bool? RequiresUser = null, IReadOnlyList<RejectCode>? RejectCodes = null);

/// <summary>The registry's entries and the data that users may see, as administrators set them.</summary>
public sealed class Registry(HandrailStore store)
{
    public Task SetAsync(Caller caller, string name, AgentEntry entry, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var agent = await unit.Db.Agents.SingleOrDefaultAsync(a => a.Name == name, cancel);
                var before = agent is null ? null : new { agent.Team, agent.Owner, agent.Description, data_scopes = agent.DataScopesJson, agent.RequiresUser, reject_codes = agent.RejectCodesJson };
                if (agent is null)
                {
                    agent = new Agent { Name = name, Team = entry.Team ?? Keys.DefaultTeam, FirstSeenAt = unit.Now, LastSeenAt = unit.Now };
                    unit.Db.Agents.Add(agent);
                    unit.Db.ScopeControls.Add(new ScopeControl { Scope = Scopes.Agent(name) });
                    if (!await unit.Db.PolicyHeads.AnyAsync(h => h.Scope == Scopes.Agent(name), cancel))
                    {
                        unit.Db.PolicyHeads.Add(new PolicyHead { Scope = Scopes.Agent(name) });
                    }
                }

                agent.Team = entry.Team ?? agent.Team;
                agent.Owner = entry.Owner ?? agent.Owner;
                agent.Description = entry.Description ?? agent.Description;
                agent.DataScopesJson = entry.DataScopes is null ? agent.DataScopesJson : JsonText.Of(entry.DataScopes);
                agent.RequiresUser = entry.RequiresUser ?? agent.RequiresUser;
                agent.RejectCodesJson = entry.RejectCodes is null ? agent.RejectCodesJson : JsonText.Of(entry.RejectCodes);
                unit.Record(new AuditEntry(caller, "agent.register", $"agent:{name}")
                {
                    Before = before,
                    After = new { agent.Team, agent.Owner, agent.Description, data_scopes = agent.DataScopesJson, agent.RequiresUser, reject_codes = agent.RejectCodesJson },
                });
                unit.Tell(HintKind.Agent, name);
            },
            cancel);
    }

    /// <summary>Says which data a user on whose behalf agents act may see.</summary>
    public Task SetPrincipalAsync(Caller caller, string user, IReadOnlyList<string> scopes, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var principal = await unit.Db.Principals.SingleOrDefaultAsync(p => p.User == user, cancel);
                var before = principal?.DataScopesJson;
                if (principal is null)
                {
                    principal = new Principal { User = user };
                    unit.Db.Principals.Add(principal);
                }

                principal.DataScopesJson = JsonText.Of(scopes);
                unit.Record(new AuditEntry(caller, "principal.set", $"principal:{user}") { Before = new { data_scopes = before }, After = new { data_scopes = scopes } });
            },
            cancel);
    }
}
