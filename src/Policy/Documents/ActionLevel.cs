namespace Handrail.Policy;

/// <summary>The slider of one action type.</summary>
/// <param name="Type">An exact action type, or a prefix ending in <c>.*</c>.</param>
/// <param name="Autonomy">Its level.</param>
public sealed record ActionLevel(string Type, Autonomy Autonomy);
