using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Handrail.Handoffs;

/// <summary>A database that fails once within a unit of work: at its n-th statement, whichever unit first comes to so many since it was armed.</summary>
internal sealed class FaultBetween : DbCommandInterceptor
{
    private readonly ConditionalWeakTable<DbContext, Count> _counts = [];
    private int _at;

    public void Arm(int statement) => Interlocked.Exchange(ref _at, statement);

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) => new(Strike(command, eventData, result));

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(Strike(command, eventData, result));

    private T Strike<T>(DbCommand command, CommandEventData eventData, T result)
    {
        if (command.Transaction is null || eventData.Context is null)
        {
            return result;
        }

        // Each unit by itself: what the console does beside takes nothing of the count. A driver may use one transaction's object again.
        var count = ++_counts.GetOrCreateValue(eventData.Context).Statements;
        return Interlocked.CompareExchange(ref _at, 0, count) == count ? throw new TimeoutException("The database was too slow.") : result;
    }

    private sealed class Count
    {
        public int Statements { get; set; }
    }
}

/// <summary>A database that goes away once, just before or just after it committed.</summary>
internal sealed class FaultAtCommit : DbTransactionInterceptor
{
    private int _before;
    private int _after;

    public void Arm(bool committed) => Interlocked.Exchange(ref committed ? ref _after : ref _before, 1);

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _before, 0) == 1 ? throw new TimeoutException("The database was gone before the commit.") : new(result);

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _after, 0) == 1 ? throw new TimeoutException("The answer to the commit was lost.") : Task.CompletedTask;
}
