using Handrail.Access;
using Handrail.Ingest;
using Handrail.Jobs;
using Handrail.Shell;
using Handrail.Store;

namespace Handrail.Health;

/// <summary>How the console does: what its database says, and what this process knows of itself.</summary>
public sealed class ConsoleHealth(
    HealthQueries stored, IngestFigures ingest, IngestAdmission admission, IngestSettings settings, RejectedRecords rejected, JobRuns jobs, ConnectedClients clients, HandrailStore store, TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>A database that is away is part of the answer, and no error.</summary>
    /// <exception cref="Refusal">No right.</exception>
    public async Task<HealthReading> ReadAsync(Caller caller, CancellationToken cancel)
    {
        caller.Demand(Permission.SeeHealth);
        StoredFigures? figures = null;
        try
        {
            figures = await stored.ReadAsync(cancel);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            // Said by the reading.
        }

        return Of(figures);
    }

    /// <param name="figures">Null when the database did not answer.</param>
    internal HealthReading Of(StoredFigures? figures) => new()
    {
        At = time.GetUtcNow(),
        Version = Versions.Own,
        StartedAt = _startedAt,
        Behind = ingest.Behind,
        P99 = ingest.P99,
        Stalled = ingest.Stalled,
        LongestWait = settings.LongestWait,
        Queued = admission.SpansInFlight,
        Rejected = rejected.List(),
        Jobs = jobs.List(),
        AuditWorks = store.Audit.IsPossible,
        AuditOwed = store.Audit.Owed.Count,
        AuditWrong = store.Audit.Wrong,
        Clients = new ClientsReading(clients.Hub, clients.Events, clients.LongPolls, clients.Pages),
        Stored = figures,
    };
}
