using OpenTelemetry.Exporter;

namespace Handrail.Health;

/// <summary>Where one kind of the console's own telemetry goes.</summary>
/// <param name="Setting">The setting that says so, for whoever has to change it.</param>
/// <param name="Address">As it was set.</param>
/// <param name="Whole">True when the address was set for this kind alone: it is then the whole address, and no path is added to it.</param>
/// <param name="Headers">As OpenTelemetry writes them: <c>name=value,name=value</c>.</param>
internal sealed record SignalExport(string Setting, Uri Address, bool Whole, OtlpExportProtocol? Protocol, string? Headers);

/// <summary>
/// Whether, and where, the console sends telemetry of itself, by the settings that OpenTelemetry has for it. Without an endpoint nothing is sent,
/// and nothing is measured for it.
/// </summary>
internal sealed record ExportSettings(SignalExport? Traces, SignalExport? Metrics, SignalExport? Logs)
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    public IEnumerable<SignalExport> All => new[] { Traces, Metrics, Logs }.OfType<SignalExport>();

    /// <exception cref="InvalidOperationException">A setting is none that can be followed; says which and what it must be.</exception>
    public static ExportSettings Of(IConfiguration configuration) =>
        string.Equals(Text(configuration, "OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
            ? new ExportSettings(null, null, null)
            : new ExportSettings(Signal(configuration, "TRACES"), Signal(configuration, "METRICS"), Signal(configuration, "LOGS"));

    private static SignalExport? Signal(IConfiguration configuration, string signal)
    {
        var (own, common) = ($"{Prefix}{signal}_ENDPOINT", $"{Prefix}ENDPOINT");
        var whole = Text(configuration, own) is not null;
        var setting = whole ? own : common;
        if (Text(configuration, setting) is not { } address || !Wanted(configuration, $"OTEL_{signal}_EXPORTER"))
        {
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new InvalidOperationException($"{setting} is '{address}'; it must be an address such as http://collector:4317.");
        }

        return new SignalExport(
            setting, url, whole, Protocol(configuration, $"{Prefix}{signal}_PROTOCOL") ?? Protocol(configuration, $"{Prefix}PROTOCOL"),
            Text(configuration, $"{Prefix}{signal}_HEADERS") ?? Text(configuration, $"{Prefix}HEADERS"));
    }

    private static bool Wanted(IConfiguration configuration, string setting) => Text(configuration, setting) switch
    {
        null or "otlp" => true,
        "none" => false,
        var other => throw new InvalidOperationException($"{setting} is '{other}'; the console sends by otlp, or none."),
    };

    private static OtlpExportProtocol? Protocol(IConfiguration configuration, string setting) => Text(configuration, setting) switch
    {
        null => null,
        "grpc" => OtlpExportProtocol.Grpc,
        "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
        var other => throw new InvalidOperationException($"{setting} is '{other}'; the console sends by grpc or http/protobuf."),
    };

    /// <summary>An empty setting is none, as OpenTelemetry says.</summary>
    private static string? Text(IConfiguration configuration, string setting) => configuration[setting]?.Trim() is { Length: > 0 } text ? text : null;
}
