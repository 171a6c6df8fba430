using Handrail.Access;
using Handrail.Ingest;
using Handrail.Store;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Handrail.Health;

/// <summary>The console's own health: whether it lives, whether it can do its work, and how well it does it.</summary>
public static class HealthSetup
{
    public static void AddHealth(this WebApplicationBuilder builder)
    {
        builder.AddTelemetryExport();
        var services = builder.Services;
        services.AddSingleton<ConnectedClients>().AddSingleton<CircuitHandler, PagesConnected>();
        services.AddSingleton<ConsoleHealth>().AddSingleton<DatabaseSizes>().AddSingleton<HealthQueries>().AddSingleton<DurabilityQueries>().AddSingleton<TellAilments>();
        services.AddSingleton<HealthWatch>().AddHostedService(s => s.GetRequiredService<HealthWatch>()).AddHostedService<HealthMeters>();
    }

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => Results.Text("ok")).AllowAnonymous().WithMetadata(new NeverLimited()).ExcludeFromDescription();
        app.MapGet("/readyz", async (DatabaseMigration migration, HandrailStore store, IngestFigures ingest, CancellationToken cancel) =>
        {
            try
            {
                return !migration.Done ? NotReady("the database is being brought to this version")
                    : ingest.Stalled ? NotReady("the writer of telemetry is stalled")
                    : await store.ReadAsync(db => db.Database.CanConnectAsync(cancel), cancel) ? Results.Text("ready")
                    : NotReady("the database can't be reached");
            }
            catch (Exception e) when (e is System.Data.Common.DbException or TimeoutException)
            {
                return NotReady("the database can't be reached");
            }
        }).AllowAnonymous().ExcludeFromDescription();
        app.MapHealthReading();
    }

    private static IResult NotReady(string why) => Results.Text($"not ready: {why}", statusCode: StatusCodes.Status503ServiceUnavailable);
}
