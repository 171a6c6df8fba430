using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>The five levels in our words.</summary>
public static class AutonomyWords
{
    public static string Name(Autonomy level) => level switch
    {
        Autonomy.Off => "Off",
        Autonomy.Shadow => "Shadow",
        Autonomy.Suggest => "Suggest",
        Autonomy.Bounded => "Bounded",
        _ => "Autonomous",
    };

    /// <summary>What becomes of an action that nothing else speaks against.</summary>
    public static string Meaning(Autonomy level) => level switch
    {
        Autonomy.Off => "is denied",
        Autonomy.Shadow => "is recorded and not done",
        Autonomy.Suggest => "goes to a person",
        Autonomy.Bounded => "goes inside a limit that covers it, else to a person",
        _ => "goes, unless it is outside a limit that covers it",
    };
}
