namespace Handrail.Policy;

/// <summary>Once a session has used tools with all of some labels, tools with others are out of its reach until it ends.</summary>
/// <param name="When">The labels that must all have been met.</param>
/// <param name="Block">The labels whose tools are then denied.</param>
public sealed record TaintRow(ValueList<string> When, ValueList<string> Block);
