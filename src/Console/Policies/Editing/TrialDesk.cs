using Handrail.Access;
using Handrail.Policy;
using Handrail.Sessions;

namespace Handrail.Policies.Editing;

/// <summary>One person's trials of a layer: an action made by hand or taken from the past, and what would become of it.</summary>
public sealed class TrialDesk(PastActions past, TimeProvider time)
{
    private const int Listed = 25;

    public TrialAction Action { get; private set; } = new();

    /// <summary>Actions to pick from, the newest first; null until asked for.</summary>
    public IReadOnlyList<PastActionRow>? Recent { get; private set; }

    /// <summary>The session or action that is looked for.</summary>
    public string? Id { get; private set; }

    /// <summary>Why an action could not be picked.</summary>
    public string? Refused { get; private set; }

    public async Task FindAsync(Caller caller, string scope, string? id, CancellationToken cancel)
    {
        Id = string.IsNullOrWhiteSpace(id) ? null : id.Trim();
        Recent = await past.ListAsync(caller, AgentOf(scope), Id, Listed, cancel);
    }

    public async Task PickAsync(Caller caller, PastActionRow row, CancellationToken cancel)
    {
        try
        {
            (Action, Refused) = (TrialAction.Of(await past.OneAsync(caller, row.SessionId, row.ActionId, cancel)), null);
        }
        catch (Refusal refusal)
        {
            Refused = refusal.Message;
        }
    }

    /// <summary>Begins with an empty action.</summary>
    public void Clear() => Action = new TrialAction();

    /// <summary>What would become of it now; null while its fields can't be read.</summary>
    /// <param name="scope">The layer at hand.</param>
    /// <param name="document">What that layer says, or would say.</param>
    public Trial? Run(AutonomyReading reading, string scope, PolicyDocument document)
    {
        if (AgentOf(scope) is { } agent && Action.Agent.Length == 0)
        {
            Action.Agent = agent;
        }

        return Action.Read(time.GetUtcNow()) is var (action, facts, at) ? Trial.Of(Layers(reading, scope, document, action.Agent), action, facts, at) : null;
    }

    private static List<PolicyLayer> Layers(AutonomyReading reading, string scope, PolicyDocument document, string agent)
    {
        var own = Scopes.Agent(agent);
        var layers = new List<PolicyLayer> { new(PolicyLayer.Fleet, reading.Fleet.Version, scope == Scopes.Fleet ? document : reading.Fleet.Rules) };
        if (scope == own)
        {
            layers.Add(new(PolicyLayer.Agent, 0, document));
        }
        else if (reading.Agents.FirstOrDefault(a => a.Agent == agent) is { Layer: { Version: > 0 } layer })
        {
            layers.Add(new(PolicyLayer.Agent, layer.Version, layer.Rules));
        }

        return layers;
    }

    private static string? AgentOf(string scope) => scope == Scopes.Fleet ? null : scope[Scopes.Agent("").Length..];
}
