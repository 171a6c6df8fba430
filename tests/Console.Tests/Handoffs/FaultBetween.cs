using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Handrail.Handoffs;

/// <summary>A database that fails once within a transaction: at its n-th statement since it was armed.</summary>
internal sealed class FaultBetween : DbCommandInterceptor
{
    private int _left;

    public bool Struck { get; private set; }

    public void Arm(int statement)
    {
        Struck = false;
        Interlocked.Exchange(ref _left, statement);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) => new(Strike(command, result));

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(Strike(command, result));

    private T Strike<T>(DbCommand command, T result)
    {
        if (command.Transaction is null || Interlocked.Decrement(ref _left) != 0)
        {
            return result;
        }

        Struck = true;
        throw new TimeoutException("The database was too slow.");
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
