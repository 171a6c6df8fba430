using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Handrail.Faults.Gate;

/// <summary>Commands of any driver, as Entity Framework runs them, which may fail as the plan says.</summary>
internal sealed class FaultyCommands(FaultPlan plan) : DbCommandInterceptor
{
    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        await StrikeAsync(plan.Next(FaultPlace.Driver), () => command.ExecuteNonQueryAsync(CancellationToken.None));
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await StrikeAsync(plan.Next(FaultPlace.Driver), () => command.ExecuteNonQueryAsync(CancellationToken.None));
        return result;
    }

    internal static async Task StrikeAsync(Fault? fault, Func<Task> run)
    {
        switch (fault?.Kind)
        {
            case FaultKind.After:
                await run();
                throw Exceptions.Of(fault, sqlite: false);
            case FaultKind.Slow:
                await FaultPlan.WaitAsync();
                break;
            case not null:
                throw Exceptions.Of(fault, sqlite: false);
        }
    }
}

/// <summary>The same for the ends of transactions.</summary>
internal sealed class FaultyCommits(FaultPlan plan) : DbTransactionInterceptor
{
    public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        await FaultyCommands.StrikeAsync(plan.Next(FaultPlace.Driver), () => transaction.CommitAsync(CancellationToken.None));
        return result;
    }
}
