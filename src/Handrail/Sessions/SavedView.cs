namespace Handrail.Sessions;

/// <summary>A view of a page that a person gave a name: the filters as they stand in its address.</summary>
public sealed class SavedView
{
    public const string Sessions = "sessions";
    public const string Inbox = "inbox";

    public required string PersonId { get; set; }

    /// <summary>The page it is a view of: <see cref="Sessions"/> or <see cref="Inbox"/>.</summary>
    public required string Page { get; set; }

    public required string Name { get; set; }

    /// <summary>The query of the address, without its question mark.</summary>
    public required string Query { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
