namespace Handrail.Access;

/// <summary>
/// How much of what all share one key may hold: at most four times what is left free. Alone it has four fifths, two that flood have four ninths each, and however many
/// do, something is left for whoever comes next (the dynamic thresholds of shared buffers: Choudhury and Hahne, 1998).
/// </summary>
internal static class Share
{
    private const int OfFree = 4;

    /// <param name="own">What the key would hold.</param>
    /// <param name="all">What all would hold, the key too.</param>
    /// <param name="room">What may be held at once.</param>
    public static bool IsOver(long own, long all, long room) => own > OfFree * (room - all);
}
