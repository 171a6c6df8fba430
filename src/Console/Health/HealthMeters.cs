using System.Diagnostics.Metrics;
using Handrail.Ingest;

namespace Handrail.Health;

/// <summary>The figures that are looked at when they are asked for, and cost nothing in between.</summary>
internal sealed class HealthMeters : IHostedService, IDisposable
{
    private readonly Meter _meter = new(ConsoleMeter.Name);

    public HealthMeters(IngestFigures ingest, IngestAdmission admission, ConnectedClients clients, HealthWatch watch, TimeProvider time)
    {
        _meter.CreateObservableGauge("handrail.ingest.behind", () => ingest.Behind.TotalSeconds, "s", "How long the oldest request that is being written has waited.");
        _meter.CreateObservableUpDownCounter("handrail.ingest.queue.records", () => admission.SpansInFlight, "{record}", "Records of telemetry that wait for their commit.");
        _meter.CreateObservableUpDownCounter("handrail.ingest.queue.size", () => admission.BytesInFlight, "By", "Bodies of telemetry that are read, decoded or wait for their commit.");
        _meter.CreateObservableUpDownCounter("handrail.clients.connected", () => Clients(clients), "{client}", "Who is connected, by kind.");
        _meter.CreateObservableGauge("handrail.outbox.age", () => Stored(watch, s => Age(s, time)), "s", "How long the oldest message that should have gone has waited.");
        _meter.CreateObservableGauge("handrail.outbox.given_up", () => Stored(watch, s => s.GivenUp), "{message}", "Messages that were given up within the last day.");
        _meter.CreateObservableGauge("handrail.database.size", () => Stored(watch, s => s.DatabaseBytes), "By", "What the database takes of its disk.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private static Measurement<int>[] Clients(ConnectedClients clients) =>
        [Kind(clients.Hub, "hub"), Kind(clients.Events, "events"), Kind(clients.LongPolls, "long_poll"), Kind(clients.Pages, "page")];

    private static Measurement<int> Kind(int count, string kind) => new(count, new KeyValuePair<string, object?>("handrail.client.kind", kind));

    private static double Age(StoredFigures stored, TimeProvider time) => stored.Undone is { } since ? Math.Max(0, (time.GetUtcNow() - since).TotalSeconds) : 0;

    /// <summary>Nothing where the database does not answer: an old figure is none.</summary>
    private static IEnumerable<Measurement<T>> Stored<T>(HealthWatch watch, Func<StoredFigures, T> figure)
        where T : struct => watch.Last is { } stored ? [new Measurement<T>(figure(stored))] : [];
}
