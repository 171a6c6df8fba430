using Handrail.Actions;
using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>Over which time a draft is tried, and which of the changed actions are listed. The figures count all of them.</summary>
/// <param name="Since">From this moment until now.</param>
public sealed record PreviewQuestion(DateTimeOffset Since)
{
    /// <summary>Only those that now have this verdict.</summary>
    public Verdict? From { get; init; }

    /// <summary>Only those that would have this one.</summary>
    public Verdict? To { get; init; }

    /// <summary>Only those that people decided so.</summary>
    public PeopleDecision? People { get; init; }

    /// <summary>Where the last page ended; null for the first.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many are listed.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>How far a preview has come.</summary>
/// <param name="Actions">Actions looked at.</param>
/// <param name="Share">The share of the period, from 0 to 1.</param>
public sealed record PreviewProgress(long Actions, double Share);

/// <summary>What a draft would have changed on recorded actions, all other layers as they are in force.</summary>
public sealed record PolicyPreview
{
    /// <summary>The draft's scope: <c>fleet</c> or <c>agent:NAME</c>.</summary>
    public required string Scope { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>How many actions were looked at.</summary>
    public required long Actions { get; init; }

    /// <summary>How many would have another verdict.</summary>
    public required long Changed { get; init; }

    /// <summary>From what to what, the money behind it, and what people had said of those.</summary>
    public required IReadOnlyList<VerdictChange> Changes { get; init; }

    /// <summary>How far what rules now agrees with what people decided.</summary>
    public required Agreement Now { get; init; }

    /// <summary>How far the draft does.</summary>
    public required Agreement Draft { get; init; }

    /// <summary>A page of the changed actions of the kind asked for, the oldest first.</summary>
    public required IReadOnlyList<PreviewItem> Items { get; init; }

    /// <summary>Where the next page starts; null at the end.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>An action that would have another verdict.</summary>
/// <param name="From">The verdict of what rules now.</param>
/// <param name="To">The draft's.</param>
/// <param name="Because">The reason that wins now.</param>
/// <param name="Instead">The reason that would win.</param>
/// <param name="Decided">What policy decided then.</param>
/// <param name="Status">What became of it.</param>
/// <param name="People">What people said; null where they did not.</param>
public sealed record PreviewItem(
    string SessionId, string ActionId, string Agent, string Type, string? Summary, decimal? Amount, string? Currency, string? Vendor, string? Category,
    DateTimeOffset RequestedAt, Verdict From, Verdict To, ReasonText Because, ReasonText Instead, Verdict Decided, ActionStatus Status, PeopleDecision? People);
