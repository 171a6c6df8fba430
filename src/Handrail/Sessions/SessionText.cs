namespace Handrail.Sessions;

/// <summary>
/// What a session is found by: its id, title and user in small letters. Kept by the database itself, beside the session: an index of every three
/// letters would else be written anew with each of the session's steps. On SQLite the index is the table <c>session_words</c>.
/// </summary>
public sealed class SessionText
{
    public long Number { get; set; }

    public required string SessionId { get; set; }

    /// <summary>A line for each.</summary>
    public required string Text { get; set; }
}
