namespace Handrail.Access;

/// <summary>Where to go after signing in: within this console only, so that a link can't lead a person elsewhere.</summary>
public static class LocalPath
{
    public static string Of(string? path) =>
        path is { Length: > 0 } && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal)
            && !path.Any(char.IsControl) && !path.Contains('\\', StringComparison.Ordinal)
            ? path
            : "/";
}
