namespace Handrail.Sessions;

/// <summary>How control commands and policy layers name what they hold for.</summary>
public static class Scopes
{
    public const string Fleet = "fleet";

    public static string Agent(string name) => $"agent:{name}";

    public static string Session(string id) => $"session:{id}";
}
