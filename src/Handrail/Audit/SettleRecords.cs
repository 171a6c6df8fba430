using Handrail.Store;

namespace Handrail.Audit;

/// <summary>Finds out whether the audit trail can be written, and writes down what is owed to it.</summary>
public sealed class SettleRecords(HandrailStore store)
{
    /// <summary>Longer, and whoever waits for a record waits in vain.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <returns>How many records were owed and are written now.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Longest);
        try
        {
            await Task.Run(() => store.TryAuditAsync(limit.Token), limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            store.Audit.Failed(e);
        }

        if (!store.Audit.IsPossible || store.Audit.Owed is not { Count: > 0 } owed)
        {
            return 0;
        }

        await store.WriteAsync(
            unit =>
            {
                foreach (var record in owed)
                {
                    unit.Record(record.Entry() with { Tightens = false });
                }

                return Task.CompletedTask;
            },
            cancel);
        store.Audit.Settle(owed);
        return owed.Count;
    }
}
