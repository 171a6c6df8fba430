namespace Handrail.Simulator.Playing;

/// <summary>Something the script lets go wrong: a tool that times out, a model that is overloaded.</summary>
internal sealed class SimulatedFailureException(string kind, string message) : Exception(message)
{
    /// <summary>As <c>error.type</c> names it.</summary>
    public string Kind { get; } = kind;
}
