namespace Handrail.Store;

/// <summary>A group of settings that administrators change while the console runs, as JSON.</summary>
public sealed class Setting
{
    public required string Key { get; set; }

    public required string Json { get; set; }

    /// <summary>Goes up with every change: what <c>If-Match</c> is compared with.</summary>
    public int Version { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public required string ChangedBy { get; set; }
}
