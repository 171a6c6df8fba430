namespace Handrail.Store;

/// <summary>Another process wrote in the same moment what this transaction took for absent: it is to be run again.</summary>
internal sealed class LostRaceException(string what) : Exception($"Another process was first: {what}.");
