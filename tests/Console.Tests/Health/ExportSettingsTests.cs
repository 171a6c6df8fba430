using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace Handrail.Health;

/// <summary>The console's own telemetry is switched by OpenTelemetry's own settings.</summary>
public sealed class ExportSettingsTests
{
    [Fact]
    public void Without_an_endpoint_nothing_is_sent() => Assert.Empty(Of(("OTEL_SERVICE_NAME", "handrail"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "")).All);

    [Fact]
    public void One_endpoint_is_for_all_and_a_signals_own_goes_first()
    {
        var settings = Of(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=b"),
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:4317"), ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc"), ("OTEL_METRICS_EXPORTER", "none"));

        Assert.Equal(new SignalExport("OTEL_EXPORTER_OTLP_ENDPOINT", new Uri("http://collector:4318"), Whole: false, OtlpExportProtocol.HttpProtobuf, "a=b"), settings.Traces);
        Assert.Equal(new SignalExport("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", new Uri("http://logs:4317"), Whole: true, OtlpExportProtocol.Grpc, "a=b"), settings.Logs);
        Assert.Null(settings.Metrics);
    }

    [Fact]
    public void The_one_switch_turns_all_off() => Assert.Empty(Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_SDK_DISABLED", "true")).All);

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_TRACES_EXPORTER", "zipkin")]
    public void What_can_not_be_followed_is_named(string setting, string value)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), (setting, value)));

        Assert.Contains($"{setting} is '{value}'", refused.Message, StringComparison.Ordinal);
    }

    private static ExportSettings Of(params (string Name, string Value)[] settings) => ExportSettings.Of(
        new ConfigurationBuilder().AddInMemoryCollection(settings.GroupBy(s => s.Name).Select(s => new KeyValuePair<string, string?>(s.Key, s.Last().Value))).Build());
}
