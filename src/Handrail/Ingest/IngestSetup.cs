using Handrail.Breakers;
using Handrail.Content;
using Handrail.Sessions;
using Handrail.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Ingest;

public static class IngestSetup
{
    /// <summary>The writer of telemetry and what bounds it.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services, IngestSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<IngestAdmission>().AddSingleton<ReadingLane>().AddSingleton<IngestFigures>().AddSingleton<RejectedRecords>();
        services.AddSingleton(PriceTable.BuiltIn);
        services.AddSingleton<ContentRules>().AddSingleton<StepDays>();
        services.AddSingleton<BreakerWatch>();
        services.AddSingleton<SpanWriter>();
        services.AddSingleton<Heartbeats>().AddSingleton<RecordMetrics>();
        services.AddSingleton<MappingCoverage>();
        services.AddHostedService(s => s.GetRequiredService<MappingCoverage>());
        services.AddHostedService(s => s.GetRequiredService<BreakerWatch>());
        services.AddHostedService(s => s.GetRequiredService<SpanWriter>());
        return services;
    }
}
