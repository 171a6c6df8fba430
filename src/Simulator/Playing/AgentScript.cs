using System.Text.Json.Nodes;

namespace Handrail.Simulator.Playing;

/// <summary>What an agent does in one session. A script draws all chance from the run's own random numbers, so that a seed repeats it.</summary>
internal abstract class AgentScript
{
    /// <summary>The agents that take part; the first asks the gate and is the one that people control.</summary>
    public abstract IReadOnlyList<AgentIdentity> Agents { get; }

    /// <summary>The policy it starts with where an administrator has published none.</summary>
    public abstract JsonObject Policy { get; }

    /// <summary>How often it is played, beside the others.</summary>
    public virtual int Weight => 2;

    public string Name => Agents[0].Name;

    /// <summary>Who the session is for and what it is about.</summary>
    public abstract Opening Open(Casting casting);

    /// <summary>Plays the session to its end.</summary>
    public abstract Task<Outcome> PlayAsync(Run run);
}

/// <summary>What is known before a session opens.</summary>
/// <param name="Random">The session's own chance.</param>
/// <param name="First">It is this script's first session of this run: the one a newcomer sees.</param>
/// <param name="EasyOnly">People have enough to decide: nothing more that needs them.</param>
internal sealed record Casting(Random Random, bool First, bool EasyOnly);

/// <summary>How a session is announced.</summary>
internal sealed record Opening(string User, string Title, JsonObject? Metadata = null);

/// <summary>What came of a session.</summary>
internal sealed record Outcome(
    Client.SessionOutcome Result, string Summary, Client.Money? Value = null, Client.ProducedUnits? Units = null);
