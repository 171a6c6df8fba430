namespace Handrail.Policy;

/// <summary>The slider: how much of its own accord an agent acts when nothing else speaks against an action.</summary>
public enum Autonomy
{
    /// <summary>Every action is denied.</summary>
    Off = 0,

    /// <summary>Every action is recorded and not done.</summary>
    Shadow = 1,

    /// <summary>Every action goes to a person.</summary>
    Suggest = 2,

    /// <summary>An action goes if a limit covers it and it is inside that limit, else to a person.</summary>
    Bounded = 3,

    /// <summary>An action goes unless it is outside a limit that covers it, then to a person.</summary>
    Autonomous = 4,
}
