namespace Handrail.Policy;

/// <summary>What a policy says of one tool.</summary>
/// <param name="Name">The tool's name, as agents name it.</param>
public sealed record ToolEntry(string Name)
{
    /// <summary>Free words that taint rows speak of, such as <c>untrusted</c>, <c>sensitive</c>, <c>external</c>.</summary>
    public ValueList<string> Labels { get; init; } = [];

    /// <summary>False denies every action of the tool.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The least risk that its actions count as; null leaves it to the agent.</summary>
    public Risk? Risk { get; init; }

    /// <summary>Which arguments the agent sees and which are set for it; null leaves all to the agent.</summary>
    public ToolMask? Mask { get; init; }
}

/// <summary>Narrows a tool for an agent.</summary>
/// <param name="Show">Arguments that the agent may set.</param>
/// <param name="Fix">Arguments that are set whatever the agent says.</param>
public sealed record ToolMask(ValueList<string> Show, ValueList<FixedArgument> Fix);

/// <summary>One argument that a mask sets.</summary>
/// <param name="Name">The argument.</param>
/// <param name="Json">Its value as canonical JSON.</param>
public sealed record FixedArgument(string Name, string Json);
