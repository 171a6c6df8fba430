using Handrail.Shell;

namespace Handrail.Audit;

/// <summary>Gives every day its head once it is over, and those that went by while no console ran when one starts.</summary>
public sealed class AuditSealing(SealDays days, TimeProvider time, ILogger<AuditSealing> log) : RegularWork(TimeSpan.FromMinutes(1), "The heads of the audit's days", time, log)
{
    private string? _wrong;

    protected override bool AtStart => true;

    protected override async Task RoundAsync(CancellationToken cancel)
    {
        var (done, wrong) = await days.HandleAsync(cancel);
        if (done > 0)
        {
            log.LogInformation("The audit of {Days} days is sealed", done);
        }

        // Said once, not every minute.
        if (wrong is not null && wrong != _wrong)
        {
            log.LogCritical("The audit's chain does not hold and its day is not sealed: {What} Somebody has changed the table audit_records; verify it on the Audit page", wrong);
        }

        _wrong = wrong;
    }
}
