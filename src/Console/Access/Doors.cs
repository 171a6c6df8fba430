namespace Handrail.Access;

/// <summary>Names of the authorization policies that endpoints and pages ask for.</summary>
public static class Doors
{
    /// <summary>An agent key.</summary>
    public const string Agents = "agents";

    /// <summary>A person, by personal token.</summary>
    public const string People = "people";

    /// <summary>A person, by personal token or by the sign-in of a page: files to download.</summary>
    public const string Files = "files";

    /// <summary>Either of the two.</summary>
    public const string Either = "either";
}
