using Handrail.Access;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Agents;

/// <summary>An agent as the registry shows it.</summary>
public sealed record AgentReading
{
    public required string Agent { get; init; }

    public required string Team { get; init; }

    public string? Owner { get; init; }

    public string? Description { get; init; }

    public required IReadOnlyList<string> DataScopes { get; init; }

    public bool RequiresUser { get; init; }

    /// <summary>What reviewers choose from when they reject what the agent asks.</summary>
    public required IReadOnlyList<RejectCode> RejectCodes { get; init; }

    public string? LastVersion { get; init; }

    public DateTimeOffset FirstSeenAt { get; init; }

    public DateTimeOffset LastSeenAt { get; init; }

    /// <summary>What people ordered for the agent as a whole.</summary>
    public ControlState Control { get; init; }

    public string? ControlReason { get; init; }

    public string? ControlBy { get; init; }

    public DateTimeOffset? ControlSince { get; init; }

    /// <summary>The version in force.</summary>
    public required string PolicyVersion { get; init; }

    /// <summary>The version the agent last said it holds.</summary>
    public string? PolicyHeld { get; init; }

    public DateTimeOffset? PolicyHeldAt { get; init; }
}

/// <summary>The registry.</summary>
public sealed class AgentQueries(HandrailStore store)
{
    public Task<IReadOnlyList<AgentReading>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<AgentReading>>(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            return await ReadAsync(db, await db.Agents.OrderBy(a => a.Name).ToListAsync(cancel), cancel);
        },
        cancel);

    /// <exception cref="Refusal">There is none.</exception>
    public Task<AgentReading> OneAsync(Caller caller, string name, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var agent = await db.Agents.SingleOrDefaultAsync(a => a.Name == name, cancel) ?? throw Refusal.NotFound($"agent '{name}'");
            return (await ReadAsync(db, [agent], cancel))[0];
        },
        cancel);

    private static async Task<List<AgentReading>> ReadAsync(HandrailDb db, List<Agent> agents, CancellationToken cancel)
    {
        var one = agents.Count == 1 ? Scopes.Agent(agents[0].Name) : null;
        var heads = await db.PolicyHeads.Where(h => one == null || h.Scope == one || h.Scope == Scopes.Fleet).ToDictionaryAsync(h => h.Scope, h => h.Version, cancel);
        var controls = await db.ScopeControls.Where(c => one == null || c.Scope == one).ToDictionaryAsync(c => c.Scope, cancel);
        return agents.ConvertAll(a =>
        {
            var scope = Scopes.Agent(a.Name);
            var control = controls.GetValueOrDefault(scope);
            return new AgentReading
            {
                Agent = a.Name,
                Team = a.Team,
                Owner = a.Owner,
                Description = a.Description,
                DataScopes = JsonText.Read<List<string>>(a.DataScopesJson) ?? [],
                RequiresUser = a.RequiresUser,
                RejectCodes = JsonText.Read<List<RejectCode>>(a.RejectCodesJson) ?? [],
                LastVersion = a.LastVersion,
                FirstSeenAt = a.FirstSeenAt,
                LastSeenAt = a.LastSeenAt,
                Control = control?.State ?? ControlState.Running,
                ControlReason = control?.Reason,
                ControlBy = control?.By,
                ControlSince = control?.Since,
                PolicyVersion = new LayerVersions(heads.GetValueOrDefault(Scopes.Fleet), heads.GetValueOrDefault(scope)).ToString(),
                PolicyHeld = a.PolicyHeld,
                PolicyHeldAt = a.PolicyHeldAt,
            };
        });
    }
}
