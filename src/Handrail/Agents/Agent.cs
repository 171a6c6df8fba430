namespace Handrail.Agents;

/// <summary>The registry's entry of an agent: made when it is first heard of, completed by an administrator.</summary>
public sealed class Agent
{
    /// <summary>Agents that one team may have: their names are the senders' to choose, and must not fill the disk.</summary>
    public const int MostInTeam = 10_000;

    /// <summary>Why one more is refused, for its sender.</summary>
    public static readonly string TooMany = FormattableString.Invariant($"the team has {MostInTeam} agents already, and this names another");

    public required string Name { get; set; }

    public required string Team { get; set; }

    public string? Owner { get; set; }

    public string? Description { get; set; }

    /// <summary>Data scopes the agent works with, a JSON array.</summary>
    public string DataScopesJson { get; set; } = "[]";

    /// <summary>The agent may act only on behalf of a known user.</summary>
    public bool RequiresUser { get; set; }

    /// <summary>What people say a request of the agent is rejected for, a JSON array of <see cref="RejectCode"/>; empty where its reviewers have no list.</summary>
    public string RejectCodesJson { get; set; } = "[]";

    public string? LastVersion { get; set; }

    public DateTimeOffset FirstSeenAt { get; set; }

    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>The policy version the agent last said it holds, and when it said so.</summary>
    public string? PolicyHeld { get; set; }

    public DateTimeOffset? PolicyHeldAt { get; set; }

    /// <summary>Since when its actions are claimed before they are carried out; null while none has been. Before, one unclaimed may yet have been done.</summary>
    public DateTimeOffset? ClaimsSince { get; set; }
}

/// <summary>One of the reasons that reviewers choose from: the code is the agent's, the label theirs.</summary>
public sealed record RejectCode(string Code, string Label)
{
    /// <summary>So many of one agent: what one look at a list takes in.</summary>
    public const int Most = 50;
}

/// <summary>A user on whose behalf agents act, and the data that user may see.</summary>
public sealed class Principal
{
    public required string User { get; set; }

    public string DataScopesJson { get; set; } = "[]";
}
