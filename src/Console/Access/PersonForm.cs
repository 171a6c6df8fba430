namespace Handrail.Access;

/// <summary>The fields of a person as an administrator edits them.</summary>
public sealed class PersonForm
{
    /// <summary>The person who is changed; null for a new one.</summary>
    public PersonReading? Known { get; private init; }

    public string Email { get; set; } = "";

    public string Name { get; set; } = "";

    public HashSet<string> Roles { get; } = new(StringComparer.Ordinal);

    /// <summary>Roles over some agents alone.</summary>
    public List<LimitedRoleLine> Limited { get; } = [];

    /// <summary>Separated by commas, spaces or lines.</summary>
    public string Scopes { get; set; } = "";

    /// <summary>Empty to keep what is there.</summary>
    public string Password { get; set; } = "";

    /// <summary>What is wrong, by member.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; private set; } = new Dictionary<string, string[]>();

    public static PersonForm Of(PersonReading person)
    {
        var form = new PersonForm { Known = person, Email = person.Email, Name = person.Name ?? "", Scopes = string.Join(", ", person.DataScopes) };
        form.Roles.UnionWith(person.Roles);
        form.Limited.AddRange(person.LimitedRoles.Select(r => new LimitedRoleLine { Role = r.Role, Team = r.Team ?? "", Agents = string.Join(", ", r.Agents ?? []) }));
        return form;
    }

    /// <summary>What is to be set; null where something is wrong, which is then among <see cref="Errors"/>.</summary>
    public PersonChange? Read()
    {
        var change = new PersonChange(
            Name.Trim() is { Length: > 0 } name ? name : null, [.. Roles.Order(StringComparer.Ordinal)], Words(Scopes), Password.Length == 0 ? null : Password)
        {
            LimitedRoles = [.. Limited.Select(l => l.Read())],
        };
        var wrong = change.Wrong().ToList();
        if (Known is null && !PersonChange.IsEmail(Email.Trim()))
        {
            wrong.Add(("email", "must be an e-mail address."));
        }

        if (Known is null && Password.Length == 0)
        {
            wrong.Add(("password", "is required: nobody signs in without one."));
        }

        Errors = wrong.GroupBy(w => w.Member).ToDictionary(g => g.Key, g => g.Select(w => w.What).ToArray());
        return wrong.Count == 0 ? change : null;
    }

    /// <summary>The words of a list that a person wrote, each once.</summary>
    internal static List<string> Words(string text) =>
        [.. text.Split([',', ' ', '\n', '\r', '\t', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
}

/// <summary>One role over some agents alone, as it is edited.</summary>
public sealed class LimitedRoleLine
{
    public string Role { get; set; } = Permissions.Reviewer;

    public string Team { get; set; } = "";

    /// <summary>Separated by commas, spaces or lines.</summary>
    public string Agents { get; set; } = "";

    public LimitedRole Read() => new(Role, Team.Trim() is { Length: > 0 } team ? team : null, PersonForm.Words(Agents) is { Count: > 0 } agents ? agents : null);
}
