namespace Handrail.Shell.Display;

/// <summary>How a state is meant: the colour of its badge, which always carries a word and an icon too.</summary>
public enum Tone
{
    Neutral,
    Good,
    Info,
    Warning,
    Bad,
}
