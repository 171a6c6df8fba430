namespace Handrail.Access;

/// <summary>The fields of a new agent key.</summary>
public sealed class KeyForm
{
    public string Name { get; set; } = "";

    public string Team { get; set; } = "";

    /// <summary>Separated by commas, spaces or lines; none for all of the team's.</summary>
    public string Agents { get; set; } = "";

    /// <summary>Days until it ends; empty for a key that does not.</summary>
    public string Days { get; set; } = "365";

    /// <summary>What is wrong, by member.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; private set; } = new Dictionary<string, string[]>();

    /// <summary>What is to be issued; null where something is wrong, which is then among <see cref="Errors"/>.</summary>
    public (string Name, string? Team, IReadOnlyList<string>? Agents, TimeSpan? Life)? Read()
    {
        var wrong = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(Name))
        {
            wrong["name"] = ["is required: by it you know the key again."];
        }

        var days = 0;
        if (Days.Trim().Length > 0 && (!int.TryParse(Days, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out days) || days is < 1 or > 3650))
        {
            wrong["expires_at"] = ["must be a whole number from 1 to 3650, or empty."];
        }

        var agents = PersonForm.Words(Agents);
        if (agents.Exists(a => a.Length > Shell.Names.Longest))
        {
            wrong["agents"] = [$"may have names of {Shell.Names.Longest} characters at most."];
        }

        Errors = wrong;
        return wrong.Count > 0 ? null : (Name.Trim(), Team.Trim() is { Length: > 0 } team ? team : null, agents.Count == 0 ? null : agents, days == 0 ? null : TimeSpan.FromDays(days));
    }
}
