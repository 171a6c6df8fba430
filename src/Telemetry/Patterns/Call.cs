namespace Handrail.Telemetry;

/// <summary>
/// A step that does something (calls a model or a tool, looks something up, hands over, lets a person speak), as far as loops are found by
/// it. Frames around such steps, of agents and workflows, are no calls.
/// </summary>
public readonly record struct Call
{
    /// <summary>The trace it is in.</summary>
    public required string Trace { get; init; }

    public required StepKind Kind { get; init; }

    /// <summary>Who made it.</summary>
    public required string Agent { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    public bool Failed { get; init; }

    public string? Tool { get; init; }

    /// <summary>Whom a handoff hands over to.</summary>
    public string? Target { get; init; }

    /// <summary>The print of the tool and its arguments, or of the last message to the model; null where that is not known.</summary>
    public long? Asked { get; init; }

    /// <summary>The print of what came back; null where that is not known.</summary>
    public long? Got { get; init; }

    /// <summary>Whether steps of this kind are calls.</summary>
    public static bool IsCall(StepKind kind) => kind is not (StepKind.Agent or StepKind.Workflow or StepKind.Other);
}
