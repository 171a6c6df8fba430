namespace Handrail.Sessions.Otlp;

/// <summary>A request that can't be taken, and will be no better when it is sent again.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What is wrong, for a developer.</param>
internal sealed class OtlpRefusal(int status, string message) : Exception(message)
{
    public int Status { get; } = status;
}
