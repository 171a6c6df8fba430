using Handrail.Breakers;
using Handrail.Content;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Ingest;

public static class IngestSetup
{
    /// <summary>The writer of telemetry and what bounds it.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services, IngestSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<IngestAdmission>().AddSingleton<IngestFigures>().AddSingleton<RejectedRecords>();
        services.AddSingleton(PriceTable.BuiltIn);
        services.AddSingleton<ContentRules>().AddSingleton<StepDays>();
        services.AddSingleton<BreakerWatch>();
        services.AddSingleton<SpanWriter>();
        services.AddSingleton(s => new ReadingLane(s.GetRequiredService<IngestAdmission>(), SpanWriter.ReadAhead(settings, s.GetRequiredService<HandrailStore>().Provider)));
        services.AddSingleton<Heartbeats>().AddSingleton<RecordMetrics>();
        services.AddSingleton<MappingCoverage>();
        services.AddHostedService(s => s.GetRequiredService<MappingCoverage>());
        services.AddHostedService(s => s.GetRequiredService<BreakerWatch>());
        services.AddHostedService(s => s.GetRequiredService<SpanWriter>());
        return services;
    }
}
