using Handrail.Shell;

namespace Handrail.Attention;

/// <summary>Looks every minute whether a case is to be planted; never, unless an administrator wants it.</summary>
public sealed class Planting(PlantCases command, TimeProvider time, ILogger<Planting> log)
    : RegularWork(TimeSpan.FromMinutes(1), "Planted cases", time, log)
{
    protected override Task RoundAsync(CancellationToken cancel) => command.HandleAsync(cancel);
}
