using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>What is known of how far policy by itself would have done as people did.</summary>
/// <param name="Since">From this moment on.</param>
/// <param name="Types">By agent and action type, in their order.</param>
/// <param name="Offers">Limits that people's decisions speak for, those with the most evidence first.</param>
public sealed record ExperienceReading(DateTimeOffset Since, IReadOnlyList<TypeExperience> Types, IReadOnlyList<LimitOffer> Offers);

/// <summary>One agent's actions of one type.</summary>
public sealed record TypeExperience
{
    public required string Agent { get; init; }

    public required string Type { get; init; }

    /// <summary>The strictest layer's level.</summary>
    public required Autonomy Level { get; init; }

    /// <summary>What was recorded in shadow that it would have been, against what people really did.</summary>
    public required ConfusionReading Shadow { get; init; }

    /// <summary>What the layers in force would do at full autonomy, against what people decided here.</summary>
    public required ConfusionReading Review { get; init; }

    /// <summary>Null where the evidence speaks for no move.</summary>
    public LevelMove? Move { get; init; }
}

/// <summary>A move of a level that the evidence speaks for. It only proposes: levels are moved by people.</summary>
/// <param name="Evidence">How far the layers in force would agree at full autonomy with all that people said, here and outside.</param>
/// <param name="Scopes">The layers that have to be moved for it: up, each that is lower; down, the agent's own.</param>
public sealed record LevelMove(Autonomy From, Autonomy To, Agreement Evidence, IReadOnlyList<string> Scopes);

/// <summary>A limit that one agent's decisions by people speak for.</summary>
public sealed record LimitOffer(string Agent, ProposedLimit Proposal);
