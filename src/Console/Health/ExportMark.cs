namespace Handrail.Health;

/// <summary>
/// Whatever this process sends of itself bears its mark. Where that comes back all the same, by a proxy or a collector that nobody could know of,
/// it is refused for good: the loop ends at its first turn.
/// </summary>
internal sealed class ExportMark
{
    public const string Header = "x-handrail-exporter";

    private int _told;

    /// <summary>Of this process alone.</summary>
    public string Value { get; } = Guid.NewGuid().ToString("n");

    /// <summary>The headers that an exporter sends, and the mark.</summary>
    public string With(string? headers) => $"{(string.IsNullOrEmpty(headers) ? "" : headers + ",")}{Header}={Value}";

    /// <summary>True, and told in the log once, when a request is what this process itself has sent.</summary>
    public bool IsOn(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue(Header, out var mark) || mark != Value)
        {
            return false;
        }

        if (Interlocked.Exchange(ref _told, 1) == 0)
        {
            context.RequestServices.GetRequiredService<ILogger<ExportMark>>().LogError(
                "The console's own telemetry came back to it, by way of {Host}, and is refused. Point OTEL_EXPORTER_OTLP_ENDPOINT at something that does not send it on to this console.",
                context.Request.Host);
        }

        return true;
    }
}
