namespace Handrail.Policy;

/// <summary>One part of a document in plain English.</summary>
/// <param name="Path">Where it stands, such as <c>limits[2]</c> or <c>review.approvals</c>: as in <see cref="PolicyError.Path"/>.</param>
/// <param name="Text">What it means, in a sentence without its full stop.</param>
public sealed record Reading(string Path, string Text);
