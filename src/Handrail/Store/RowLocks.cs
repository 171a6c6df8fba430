using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Handrail.Store;

/// <summary>
/// Row locks for PostgreSQL, where several writers meet: a query marked <see cref="ForUpdate"/> or <see cref="ForShare"/> takes
/// them. On SQLite a writing transaction has the database to itself and needs none.
/// </summary>
public static class RowLocks
{
    private const string UpdateTag = "handrail: for update";
    private const string ShareTag = "handrail: for share";

    /// <summary>Locks the rows against every other writer until the transaction ends. One table, no grouping.</summary>
    public static IQueryable<T> ForUpdate<T>(this IQueryable<T> query) => query.TagWith(UpdateTag);

    /// <summary>Keeps the rows from being changed until the transaction ends; others may hold the same lock.</summary>
    public static IQueryable<T> ForShare<T>(this IQueryable<T> query) => query.TagWith(ShareTag);

    internal sealed class Interceptor : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            var head = command.CommandText.AsSpan(0, Math.Min(command.CommandText.Length, 64));
            if (head.Contains(UpdateTag, StringComparison.Ordinal))
            {
                command.CommandText += " FOR UPDATE";
            }
            else if (head.Contains(ShareTag, StringComparison.Ordinal))
            {
                command.CommandText += " FOR SHARE";
            }

            return ValueTask.FromResult(result);
        }
    }
}
