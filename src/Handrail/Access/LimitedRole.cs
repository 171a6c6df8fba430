namespace Handrail.Access;

/// <summary>A role that is held over some agents alone.</summary>
/// <param name="Team">Over this team's agents, those that are still to come too; null for any team's.</param>
/// <param name="Agents">Over these; null for all of the team's. With both, over those of these that are the team's.</param>
public sealed record LimitedRole(string Role, string? Team, IReadOnlyList<string>? Agents)
{
    /// <summary>More would be a list of agents that nobody keeps: that is what teams are for.</summary>
    public const int MostAgents = 100;

    /// <summary>Of one person.</summary>
    public const int Most = 50;

    /// <param name="team">The agent's; null where nobody has heard of it yet.</param>
    public bool Covers(string agent, string? team) => (Team is null || Team == team) && (Agents?.Contains(agent, StringComparer.Ordinal) ?? Team is not null);

    /// <summary>What is wrong with it; each sentence goes on from the member's name.</summary>
    public IEnumerable<string> Wrong()
    {
        if (!Permissions.Limitable.Contains(Role))
        {
            yield return Permissions.Roles.Contains(Role)
                ? $"can't limit the role {Role}: it is over what is no agent's."
                : $"knows {string.Join(", ", Permissions.Limitable)}, not '{Role}'.";
        }

        if (Team is null && Agents is null)
        {
            yield return $"limits {Role} to nothing: name a team, agents or both, or give the role itself.";
        }

        if (Agents is { Count: 0 or > MostAgents })
        {
            yield return $"names {Agents.Count} agents; it takes 1 to {MostAgents}.";
        }
    }

    /// <summary>As a person reads it: "Reviewer of the team support", "OnCall of claims-triage, refunds".</summary>
    public override string ToString() => Role + (Agents is null ? "" : $" of {string.Join(", ", Agents)}") + (Team is null ? "" : Agents is null ? $" of the team {Team}" : $" in the team {Team}");

    public bool Equals(LimitedRole? other) => other is not null && Role == other.Role && Team == other.Team
        && (Agents is null ? other.Agents is null : other.Agents is not null && Agents.SequenceEqual(other.Agents, StringComparer.Ordinal));

    public override int GetHashCode() => HashCode.Combine(Role, Team, Agents?.Count);
}
