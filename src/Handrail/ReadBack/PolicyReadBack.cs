using Handrail.Access;
using Handrail.Policies;
using Handrail.Sessions;

namespace Handrail.ReadBack;

/// <summary>What rules an agent, as it is read back.</summary>
/// <param name="State">What people have ordered for the agent or the fleet.</param>
/// <param name="RulesAlone">
/// Nothing but the policy and people's orders rules the agent: it uses no data that only some users may see, needs no user, and no tool or type
/// is switched off. Whoever decides by the policy while the console can't be reached must know it.
/// </param>
public sealed record PolicyReading(EffectivePolicy Policy, ControlState State, bool RulesAlone);

/// <summary>Reads back what rules an agent, and waits for news of it.</summary>
public sealed class PolicyReadBack(PolicyLooks looks, PolicySignatures signatures, AgentFeeds feeds)
{
    /// <summary>What rules the agent; with a version that the caller holds, as soon as it is another one, or the wait is over.</summary>
    /// <param name="holding">Called once it is known that the caller may act for the agent, before the wait.</param>
    /// <exception cref="Refusal">The caller may not know of this agent, or its key holds no more.</exception>
    public async Task<PolicyReading> ReadAsync(Caller caller, string agent, string? held, TimeSpan wait, Func<string, Task> holding, CancellationToken cancel)
    {
        var reading = await looks.ReadAsync(caller, agent, cancel);
        if (held is null)
        {
            return reading;
        }

        await holding(held);
        if (wait <= TimeSpan.Zero || reading.Policy.Version != held)
        {
            return reading;
        }

        await feeds.OtherVersionsAsync(agent, reading.Policy.Versions, wait, cancel);
        return await looks.ReadAsync(caller, agent, cancel);
    }

    /// <summary>The policy signed in the place of a later version that its agent has seen: of a database that was restored from before that. Else as it is.</summary>
    /// <param name="seen">The version, and what the agent made up for this question.</param>
    public Task<EffectivePolicy> InPlaceOfAsync(EffectivePolicy policy, LayerVersions seen, string nonce, CancellationToken cancel) =>
        seen.Fleet > policy.Versions.Fleet || seen.Agent > policy.Versions.Agent ? signatures.SignInPlaceOfAsync(policy, seen, nonce, cancel) : Task.FromResult(policy);
}
