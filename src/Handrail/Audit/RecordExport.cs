using Handrail.Access;
using Handrail.Store;

namespace Handrail.Audit;

/// <summary>Puts on record that somebody takes data out of the console as a file, before the first of it goes.</summary>
public sealed class RecordExport(HandrailStore store)
{
    /// <param name="what">What is taken: <c>sessions</c>, <c>costs</c>.</param>
    /// <param name="narrowed">What it was narrowed by.</param>
    /// <exception cref="Refusal">The audit trail can't be written: nothing is to go out.</exception>
    public Task HandleAsync(Caller caller, string what, object narrowed, CancellationToken cancel) => store.WriteAsync(
        unit =>
        {
            unit.Record(new AuditEntry(caller, $"{what}.export", what) { After = narrowed });
            return Task.CompletedTask;
        },
        cancel);
}
