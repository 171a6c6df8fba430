namespace Handrail.Telemetry;

/// <summary>What a step is, whatever dialect said so.</summary>
public enum StepKind
{
    Other = 0,
    Llm = 1,
    Tool = 2,
    Agent = 3,
    Handoff = 4,
    Retrieval = 5,
    Embedding = 6,
    Guardrail = 7,
    Workflow = 8,
    Human = 9,
}
