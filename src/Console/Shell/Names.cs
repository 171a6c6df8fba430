namespace Handrail.Shell;

/// <summary>Ids and names that callers give: short, printable, of one line, so that they can stand in a log, a URL and a page.</summary>
public static class Names
{
    public const int Longest = 200;

    /// <exception cref="Refusal">The name is none.</exception>
    public static string Check(string member, string name) => Wrong(name) is { } wrong ? throw Refusal.Invalid(member, wrong) : name;

    /// <summary>The member of a request as a name; its error is noted in the request.</summary>
    public static string? Check(RequestBody body, string member, bool required)
    {
        var name = required ? body.RequiredText(member, Longest) : body.Text(member, Longest);
        if (!string.IsNullOrEmpty(name) && Wrong(name) is { } wrong)
        {
            body.Wrong(member, wrong);
        }

        return name;
    }

    private static string? Wrong(string name) =>
        string.IsNullOrWhiteSpace(name) ? "must not be empty."
        : name.Length > Longest ? $"must have at most {Longest} characters."
        : name.Any(char.IsControl) ? "must not contain control characters."
        : null;
}
