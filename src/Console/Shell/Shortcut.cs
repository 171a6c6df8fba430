namespace Handrail.Shell;

/// <summary>A key that does something on a page.</summary>
/// <param name="Key">As the browser names it: <c>j</c>, <c>Escape</c>.</param>
/// <param name="Meaning">What it does, for the list of shortcuts.</param>
/// <param name="Repeats">Held down, it goes on: for moving about, never for a deed.</param>
public sealed record Shortcut(string Key, string Meaning, bool Repeats = false);

/// <summary>A shortcut that was pressed.</summary>
/// <param name="Subject">What the page showed when it was, as its element with <c>data-subject</c> says; null where it says nothing.</param>
public sealed record ShortcutPress(string Key, string? Subject);
