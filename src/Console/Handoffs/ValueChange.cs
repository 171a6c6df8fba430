namespace Handrail.Handoffs;

/// <summary>A value that is, or would be, another one than before.</summary>
/// <param name="Name">What has it.</param>
/// <param name="Outside">Its name and values are words from outside, and shown as such.</param>
public sealed record ValueChange(string Name, string Before, string After, bool Outside = false);
