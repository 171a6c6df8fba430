namespace Handrail.Recovery;

/// <summary>
/// Where a database stands in its life, as a row of its own tells, and as each console that works on it remembers in a file beside. The row can't
/// tell by itself that it is an older one come back; the two together can.
/// </summary>
public sealed record DatabaseLife
{
    /// <summary>How many lives before this one are remembered: consoles that were away for so many restores are still told from strangers.</summary>
    private const int MostFormer = 20;

    /// <summary>One life: a new one begins whenever the database was restored.</summary>
    public required string Epoch { get; init; }

    /// <summary>Moves on while any console runs, never back.</summary>
    public long Beat { get; init; }

    /// <summary>The server and the database on it that this life is lived in; null on SQLite, whose file may be moved, and where the server does not tell.</summary>
    public string? LivesIn { get; init; }

    /// <summary>The lives before it that ended by a restore which some console has dealt with.</summary>
    public IReadOnlyList<string> Former { get; init; } = [];

    public static DatabaseLife Begin(string? livesIn, DatabaseLife? before = null, DatabaseLife? remembered = null) => new()
    {
        Epoch = Guid.CreateVersion7().ToString("N"),
        LivesIn = livesIn,
        Former = [.. new[] { before?.Epoch, remembered?.Epoch }.OfType<string>().Concat(before?.Former ?? []).Distinct(StringComparer.Ordinal).Take(MostFormer)],
    };

    /// <summary>Why the database is not the one that this console, or any other, worked on last; null where it is.</summary>
    /// <param name="found">What the database tells; null where it tells nothing.</param>
    /// <param name="remembered">What this console remembers; null where it remembers nothing.</param>
    /// <param name="livesIn">Where the database is now.</param>
    /// <param name="fileMovesAlone">On SQLite, where what is remembered lies beside the database: without it the file came by itself.</param>
    public static string? Restored(DatabaseLife? found, DatabaseLife? remembered, string? livesIn, bool fileMovesAlone)
    {
        if (found is null)
        {
            return remembered is null ? null : "the database is older than this console's memory of it";
        }

        if (found.LivesIn is not null && livesIn is not null && found.LivesIn != livesIn)
        {
            return "the database is a copy: it was written on another server, or as another database";
        }

        if (remembered is null)
        {
            return fileMovesAlone ? "the database file was put where no console has worked on it" : null;
        }

        if (remembered.Epoch == found.Epoch)
        {
            return found.Beat < remembered.Beat ? "the database is older than this console's memory of it" : null;
        }

        return found.Former.Contains(remembered.Epoch, StringComparer.Ordinal) ? null : "the database is not the one that this console worked on last";
    }
}
