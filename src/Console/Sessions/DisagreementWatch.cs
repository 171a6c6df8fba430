using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Looks for sessions whose telemetry and the gate disagree.</summary>
public sealed class DisagreementWatch(CompareSides command, TimeProvider time, ILogger<DisagreementWatch> log)
    : RegularWork(TimeSpan.FromMinutes(1), "Sessions whose telemetry and the gate disagree", time, log)
{
    protected override bool AtStart => true;

    protected override Task RoundAsync(CancellationToken cancel) => command.HandleAsync(cancel);
}
