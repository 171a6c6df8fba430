using Handrail.Shell;

namespace Handrail.Grants;

/// <summary>Looks for what was claimed and never reported, and for what was let go and never claimed.</summary>
public sealed class ExecutionWatch(SettleExecutions command, TimeProvider time, ILogger<ExecutionWatch> log)
    : RegularWork(TimeSpan.FromSeconds(2), "Actions that nobody reported", time, log)
{
    protected override Task RoundAsync(CancellationToken cancel) => command.HandleAsync(cancel);
}
