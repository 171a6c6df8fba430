using System.Globalization;
using Handrail.Policies;

namespace Handrail.ReadBack;

/// <summary>
/// How far somebody has heard: the policy version, the last control command and the time of the last decision. All three stand in the
/// database, so that any process goes on from here, also after a restart.
/// </summary>
/// <param name="Policy">The versions last told.</param>
/// <param name="Control">The number of the last command told.</param>
/// <param name="Decided">When the last decision that was told was made, in microseconds since 1970.</param>
public readonly record struct FeedPosition(LayerVersions Policy, long Control, long Decided)
{
    /// <summary>As it stands in an event's id: <c>3.17-42-1795433714000000</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Policy}-{Control}-{Decided}");

    public static bool TryParse(string? text, out FeedPosition position)
    {
        position = default;
        var parts = text?.Split('-') ?? [];
        if (parts.Length != 3 || !LayerVersions.TryParse(parts[0], out var policy)
            || !Number(parts[1], out var control) || !Number(parts[2], out var decided) || !Store.TimeColumns.IsTime(decided))
        {
            return false;
        }

        position = new FeedPosition(policy, control, decided);
        return true;
    }

    private static bool Number(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
