namespace Handrail.Sessions;

/// <summary>A view of the Sessions page that a person gave a name: the filters as they stand in its address.</summary>
public sealed class SavedView
{
    public required string PersonId { get; set; }

    public required string Name { get; set; }

    /// <summary>The query of the address, without its question mark.</summary>
    public required string Query { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
