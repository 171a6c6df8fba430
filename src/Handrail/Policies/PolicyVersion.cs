namespace Handrail.Policies;

/// <summary>One published version of one layer: immutable.</summary>
public sealed class PolicyVersion
{
    /// <summary><c>fleet</c> or <c>agent:NAME</c>.</summary>
    public required string Scope { get; set; }

    public int Version { get; set; }

    public required string DocumentJson { get; set; }

    public required string By { get; set; }

    public DateTimeOffset At { get; set; }

    public string? Reason { get; set; }

    /// <summary>What changed against the version before, a JSON array of plain lines.</summary>
    public string DiffJson { get; set; } = "[]";
}

/// <summary>The version in force of one layer: the row that a publish and a gate decision meet on.</summary>
public sealed class PolicyHead
{
    public required string Scope { get; set; }

    public int Version { get; set; }
}
