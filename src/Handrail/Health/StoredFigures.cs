namespace Handrail.Health;

/// <summary>What the database says of the console's health: the same for all processes on it.</summary>
public sealed record StoredFigures
{
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>Notices that the rules were not asked of yet: since when the first of them stands there.</summary>
    public DateTimeOffset? UnroutedSince { get; init; }

    /// <summary>Messages that should have gone and did not: since when the first of them is due.</summary>
    public DateTimeOffset? UndeliveredSince { get; init; }

    /// <summary>Since when something should have gone outside and did not; null when nothing waits.</summary>
    public DateTimeOffset? Undone => UndeliveredSince is null || UnroutedSince < UndeliveredSince ? UnroutedSince : UndeliveredSince;

    /// <summary>Messages that are due or were tried, and were not delivered yet; counted to <see cref="HealthQueries.MostCounted"/>.</summary>
    public required int Undelivered { get; init; }

    /// <summary>Messages that were given up within the last day; counted to <see cref="HealthQueries.MostCounted"/>.</summary>
    public required int GivenUp { get; init; }

    /// <summary>What the database takes of its disk, in bytes.</summary>
    public required long DatabaseBytes { get; init; }

    /// <summary>What is free on that disk, in bytes; null where it is another machine's.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>By how much the database grew each day over the last week, or since it is measured, in bytes; null as long as that is less than an hour.</summary>
    public double? BytesPerDay { get; init; }

    /// <summary>When the disk is full if it goes on like this; null where it does not grow or the disk is not known.</summary>
    public DateTimeOffset? FullAt => FreeBytes is { } free && BytesPerDay is > 0 and var growth && free / growth < 3_650 ? ReadAt.AddDays(free / growth) : null;
}
