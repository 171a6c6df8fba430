namespace Handrail.Policy;

/// <summary>The members that conditions may speak of; the comments say what each holds.</summary>
internal enum FieldId
{
    // Texts of the action, missing where the agent names none.
    Type,
    Tool,
    Currency,
    Vendor,
    Category,
    User,
    Agent,
    AgentVersion,
    Reasoning,

    // Numbers of the action; the counts are never missing.
    Amount,
    Confidence,
    Citations,
    FailedChecks,

    // What the tools' entries make of the action and of its session.
    Risk,
    Taint,

    // Figures of the session, missing where they are not known.
    CostUsd,
    Turns,
    Steps,
    ToolCalls,
    ContextTokens,
    AgeSeconds,

    // The moment, on the clock of the policy's zone.
    Hour,
    Weekday,

    // One of the arguments, by its path.
    Argument,
}
