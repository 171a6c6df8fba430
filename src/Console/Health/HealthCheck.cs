namespace Handrail.Health;

/// <summary>How one part of the console does.</summary>
public enum HealthState
{
    Fine,

    /// <summary>It works, and somebody should look at it soon.</summary>
    Look,

    /// <summary>It does not do its work: somebody has to do something now.</summary>
    Broken,
}

/// <summary>What is to be said of one part of the console.</summary>
/// <param name="Id">The same over all versions: <c>ingest</c>.</param>
/// <param name="Title">For a person: "Telemetry in".</param>
/// <param name="Figure">How it stands, with its figures.</param>
/// <param name="Advice">What to do about it; null where there is nothing to do.</param>
/// <param name="Link">The page on which to do it.</param>
public sealed record HealthCheck(string Id, string Title, HealthState State, string Figure, string? Advice = null, string? Link = null);
