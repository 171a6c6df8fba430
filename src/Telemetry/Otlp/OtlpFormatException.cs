namespace Handrail.Telemetry;

/// <summary>A request body that is not OTLP at all: nothing of it can be kept, and sending it again will not help.</summary>
public sealed class OtlpFormatException : Exception
{
    public OtlpFormatException(string message)
        : base(message)
    {
    }

    public OtlpFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
