using Handrail.Store;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Handrail.Testing;

/// <summary>A database that takes nothing, as somebody's forgotten transaction does.</summary>
public static class HeldDatabase
{
    /// <summary>Keeps every writer out until it is disposed of.</summary>
    /// <param name="onPostgres">What the transaction holds there; SQLite has but one writer.</param>
    public static async Task<IAsyncDisposable> HoldAsync(StoreSettings settings, string onPostgres)
    {
        if (settings.Provider == DatabaseProvider.Sqlite)
        {
            var file = new SqliteConnection(settings.ConnectionString + ";Pooling=False");
            await file.OpenAsync();
            await using var begin = new SqliteCommand("BEGIN IMMEDIATE", file);
            await begin.ExecuteNonQueryAsync();
            return file;
        }

        var server = new NpgsqlConnection(settings.ConnectionString + ";Pooling=false");
        await server.OpenAsync();
        await using var locked = new NpgsqlCommand($"BEGIN; {onPostgres}", server);
        await locked.ExecuteNonQueryAsync();
        return server;
    }
}
