namespace Handrail.Grants;

/// <summary>How grants are issued, and how long what they permit may take.</summary>
public sealed record GrantSettings
{
    /// <summary>The <c>iss</c> of every grant, which verifiers compare.</summary>
    public string Issuer { get; init; } = "handrail";

    /// <summary>How long a grant can be redeemed, in seconds; whoever is later asks for the action again and gets a fresh one.</summary>
    public int LifeSeconds { get; init; } = 300;

    /// <summary>How long after its claim an action is to be reported; then what became of it is unknown. In seconds.</summary>
    public int ReportWithinSeconds { get; init; } = 600;

    /// <summary>A key older than this is followed by a new one, in days.</summary>
    public int RotateAfterDays { get; init; } = 90;

    internal TimeSpan Life => TimeSpan.FromSeconds(LifeSeconds);

    internal TimeSpan ReportWithin => TimeSpan.FromSeconds(ReportWithinSeconds);

    internal TimeSpan RotateAfter => TimeSpan.FromDays(RotateAfterDays);

    /// <exception cref="InvalidOperationException">A setting that no grant could be issued by.</exception>
    public GrantSettings Checked()
    {
        Demand(!string.IsNullOrWhiteSpace(Issuer), "Grants:Issuer must not be empty.");
        Demand(LifeSeconds is >= 10 and <= 3600, "Grants:LifeSeconds must be from 10 to 3600.");
        Demand(ReportWithinSeconds is >= 1 and <= 604_800, "Grants:ReportWithinSeconds must be from 1 to 604800, a week.");
        Demand(RotateAfterDays is >= 1 and <= 3650, "Grants:RotateAfterDays must be from 1 to 3650.");
        return this;
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
