namespace Handrail.Policy;

/// <summary>A guarantee can't be decided: it is then unproven, never proven.</summary>
internal sealed class BeyondProofException(string message) : Exception(message);
