namespace Handrail.Policy;

/// <summary>One thing wrong with a document.</summary>
/// <param name="Path">Where, such as <c>limits[2].max_amount</c>; <c>$</c> is the document as a whole.</param>
/// <param name="Message">What, in a sentence for the person who wrote it.</param>
public sealed record PolicyError(string Path, string Message);

/// <summary>What reading a document gave: the document, or everything that is wrong with it.</summary>
/// <param name="Document">The document, if nothing is wrong.</param>
/// <param name="Errors">What is wrong; empty if there is a document.</param>
public sealed record PolicyParse(PolicyDocument? Document, IReadOnlyList<PolicyError> Errors);
