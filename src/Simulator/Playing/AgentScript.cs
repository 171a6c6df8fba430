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
/// <param name="Nth">How many sessions this script had before in this run.</param>
/// <param name="EasyOnly">People have enough to decide: nothing more that needs them.</param>
internal sealed record Casting(Random Random, int Nth, bool EasyOnly)
{
    /// <summary>The one that a newcomer sees.</summary>
    public bool First => Nth == 0;

    /// <summary>Goes through the choices in turn, so that neighbours in a queue are not alike.</summary>
    public T Next<T>(IReadOnlyList<T> from, int further = 0) => from[(Nth + further) % from.Count];
}

/// <summary>How a session is announced.</summary>
internal sealed record Opening(string User, string Title, JsonObject? Metadata = null);

/// <summary>What came of a session.</summary>
internal sealed record Outcome(
    Client.SessionOutcome Result, string Summary, Policy.Money? Value = null, Client.ProducedUnits? Units = null);
