using Handrail.Shell;

namespace Handrail.Audit;

/// <summary>Looks whether the audit trail can be written, so that the gate knows before anybody's act has failed, and writes down what is owed to it.</summary>
public sealed class AuditWatch(SettleRecords settle, TimeProvider time, ILogger<AuditWatch> log) : RegularWork(TimeSpan.FromSeconds(2), "The audit trail", time, log)
{
    protected override bool AtStart => true;

    protected override async Task RoundAsync(CancellationToken cancel)
    {
        if (await settle.HandleAsync(cancel) is > 0 and var written)
        {
            log.LogInformation("{Records} audit records that were owed are written down", written);
        }
    }
}
