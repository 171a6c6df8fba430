using System.Text.Json.Nodes;

namespace Handrail.Client;

/// <summary>What the agent wants to do. Only <see cref="Type"/> is required; the more it says, the more a policy can decide without a person.</summary>
public sealed record AgentAction
{
    /// <summary>
    /// Names this one intention within its session: asking again under the same id gives the same decision and never a second action.
    /// An agent that may restart chooses it and keeps it; left out, the client makes one for the call.
    /// </summary>
    public string? ActionId { get; init; }

    /// <summary>The kind of action, as the policy names it: <c>expense.approve</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The tool that would carry it out.</summary>
    public string? Tool { get; init; }

    /// <summary>One sentence for the person who may have to decide.</summary>
    public string? Summary { get; init; }

    /// <summary>The money that moves, in <see cref="Currency"/>.</summary>
    public decimal? Amount { get; init; }

    /// <summary>The amount's ISO 4217 currency.</summary>
    public string? Currency { get; init; }

    /// <summary>Who is paid, bought from or written to, where a limit or rule may name them.</summary>
    public string? Vendor { get; init; }

    /// <summary>The category that a limit or rule may name.</summary>
    public string? Category { get; init; }

    /// <summary>How sure the agent is, from 0 to 1.</summary>
    public double? Confidence { get; init; }

    /// <summary>Why it wants to, in its own words. Shown to people as a quotation.</summary>
    public string? Reasoning { get; init; }

    /// <summary>What it relies on.</summary>
    public IReadOnlyList<ActionCitation> Citations { get; init; } = [];

    /// <summary>The arguments it would call the tool with. A person may edit them: act on the decision's.</summary>
    public JsonObject? Arguments { get; init; }

    /// <summary>What can be undone. The policy may raise it; without either it counts as <see cref="ActionRisk.Irreversible"/>.</summary>
    public ActionRisk? Risk { get; init; }

    /// <summary>What the agent checked by itself, passed or not.</summary>
    public IReadOnlyList<ActionCheck> Checks { get; init; } = [];

    /// <summary>On whose behalf it acts; the session's user unless set.</summary>
    public string? User { get; init; }
}

/// <summary>A source that an action relies on.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Quote">The words that count.</param>
public sealed record ActionCitation(string Title, string? Url = null, string? Quote = null);

/// <summary>Something the agent checked before it asked.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Passed">Whether it held.</param>
/// <param name="Detail">The figures behind it.</param>
public sealed record ActionCheck(string Name, bool Passed, string? Detail = null);

/// <summary>How far an action can be taken back.</summary>
public enum ActionRisk
{
    /// <summary>It changes nothing.</summary>
    Read,

    /// <summary>It can be undone before anybody else sees it.</summary>
    Reversible,

    /// <summary>Others see it; it can be undone.</summary>
    External,

    /// <summary>It cannot be undone.</summary>
    Irreversible,
}
