using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Handrail.ReadBack;

/// <summary>A database that is too slow once: at the n-th look for a single action since it was armed.</summary>
internal sealed class FailsOnce(int on) : DbCommandInterceptor
{
    private int _left;

    public bool Failed { get; private set; }

    public void Arm() => Interlocked.Exchange(ref _left, on);

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        var looksForOne = command.CommandText.Contains("FROM actions AS", StringComparison.Ordinal) || command.CommandText.Contains("FROM \"actions\" AS", StringComparison.Ordinal);
        if (looksForOne && command.CommandText.Contains("LIMIT 2", StringComparison.Ordinal) && Interlocked.Decrement(ref _left) == 0)
        {
            Failed = true;
            throw new TimeoutException("The database was too slow.");
        }

        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }
}
