using System.Data.Common;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Handrail.Benchmarks;

/// <summary>
/// Months of a fleet, made from one day of it: that day is sent to the console, which writes it as it writes everything; then its rows are copied
/// within the database, to other days and under other ids, each as it would be by then: content kept for as long as it is to be kept, nothing
/// running any more. Only the copied audit records are no chain.
/// </summary>
internal sealed class GrowthFill(DatabaseProvider provider, string connectionString)
{
    /// <summary>Within the retention that holds unless somebody says otherwise: 90 days of steps, 30 of what they said.</summary>
    public const int Days = 80;

    public const int EarlyDays = Days / 10;

    private const int ContentDays = 29;

    private static readonly string[] Tables =
    [
        "sessions", "session_agents", "session_tools", "turns", "traces", "steps", "step_contents", "hourly_costs", "actions", "handoffs", "messages", "cost_events", "audit_records",
    ];

    private static readonly HashSet<string> Ids = new(["session_id", "own_session", "resource_session", "parent_session_id", "trace_id", "moved_to", "handoff_id"], StringComparer.Ordinal);

    private readonly Dictionary<string, string[]> _columns = [];

    private string Second => provider == DatabaseProvider.Sqlite ? "1000000" : "interval '1 second'";

    /// <summary>Sends the day, with titles, ends, questions and decisions.</summary>
    public static async Task SendAsync(ConsoleProcess console, GrowthDay day)
    {
        using var agent = console.AsAgent();
        using var people = console.AsAdministrator();
        await Parallel.ForEachAsync(day.Requests(), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (request, cancel) => await SpanRequests.SendAsync(agent, request, cancel));
        await Parallel.ForEachAsync(day.Sessions, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (session, cancel) =>
        {
            using (var named = await agent.PutAsJsonAsync($"/api/v1/sessions/{session.Id}", new { title = session.Title, user = session.User, agent = session.Agent }, cancel))
            {
                named.EnsureSuccessStatusCode();
            }

            if (session.Id[0] is '0' or '1')
            {
                await AskAsync(agent, people, session, cancel);
            }

            if (!session.Live && session.Id[1] != '0')
            {
                using var ended = await agent.PostAsJsonAsync($"/api/v1/sessions/{session.Id}/end", new { outcome = session.Id[2] == '0' ? "failed" : "completed" }, cancel);
                ended.EnsureSuccessStatusCode();
            }
        });
    }

    /// <summary>Makes the day one that came in while it went on, and keeps it aside as the pattern of the others.</summary>
    public async Task PrepareAsync()
    {
        await MakeDaysAsync();
        await using var connection = await OpenAsync();
        foreach (var table in new[] { "step_contents", "steps" })
        {
            // A trace's steps came in one request.
            await RunAsync(connection, $"UPDATE {table} SET received_at = s.late + {Second} FROM (SELECT trace_id, max(ended_at) late FROM steps GROUP BY trace_id) s WHERE s.trace_id = {table}.trace_id");
        }

        await RunAsync(connection, "UPDATE traces SET first_received_at = s.early, last_received_at = s.late FROM (SELECT trace_id, min(received_at) early, max(received_at) late FROM steps GROUP BY trace_id) s WHERE s.trace_id = traces.trace_id");
        await RunAsync(connection, "UPDATE sessions SET first_received_at = s.early, last_activity_at = s.late, ended_at = CASE WHEN ended_at IS NULL THEN NULL ELSE s.late END FROM (SELECT session_id, min(received_at) early, max(received_at) late FROM steps GROUP BY session_id) s WHERE s.session_id = sessions.id");
        foreach (var table in Tables)
        {
            await RunAsync(connection, $"CREATE TABLE pattern_{table} AS SELECT * FROM {table}");
        }
    }

    /// <summary>Adds the days before, from one to another.</summary>
    public async Task CopyAsync(int first, int last)
    {
        await using var connection = await OpenAsync();
        for (var day = first; day <= last; day++)
        {
            foreach (var table in Tables.Where(t => t != "step_contents" || day < ContentDays))
            {
                await RunAsync(connection, await CopyAsync(connection, table, day));
            }
        }
    }

    /// <summary>Drops the pattern; on PostgreSQL what the autovacuum would have done by and by.</summary>
    public async Task FinishAsync()
    {
        await using var connection = await OpenAsync();
        foreach (var table in Tables)
        {
            await RunAsync(connection, $"DROP TABLE pattern_{table}");
        }

        await SettleAsync(connection);
    }

    public async Task SettleAsync()
    {
        await using var connection = await OpenAsync();
        await SettleAsync(connection);
    }

    public async Task<long> CountAsync(string table)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private Task SettleAsync(DbConnection connection) => RunAsync(connection, provider == DatabaseProvider.Postgres ? "VACUUM ANALYZE" : "PRAGMA wal_checkpoint(TRUNCATE)");

    private static async Task AskAsync(HttpClient agent, HttpClient people, GrowthSession session, CancellationToken cancel)
    {
        using var asked = await agent.PostAsJsonAsync(
            $"/api/v1/sessions/{session.Id}/actions",
            new { action_id = "a-1", agent = session.Agent, type = $"{session.Agent}.pay", amount = 5 + session.Title.Length, currency = "USD", summary = session.Title }, cancel);
        asked.EnsureSuccessStatusCode();
        var answer = await asked.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(cancel);
        if (session.Id[3] != '0' && answer.TryGetProperty("handoff_id", out var handoff) && handoff.GetString() is { } id)
        {
            using var decided = await people.PostAsJsonAsync($"/api/v1/handoffs/{id}/approve", new { note = "as agreed" }, cancel);
            decided.EnsureSuccessStatusCode();
        }
    }

    private async Task MakeDaysAsync()
    {
        var services = new ServiceCollection().AddLogging().AddHandrailStore(new StoreSettings(provider, connectionString)).AddSingleton<StepDays>();
        await using var built = services.BuildServiceProvider();
        var now = TimeProvider.System.GetUtcNow();
        for (var day = -Days - 1; day <= 0; day++)
        {
            await built.GetRequiredService<StepDays>().EnsureAsync(now.AddDays(day), CancellationToken.None);
        }
    }

    private async Task<string> CopyAsync(DbConnection connection, string table, int day)
    {
        if (!_columns.TryGetValue(table, out var columns))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM {table} LIMIT 0";
            await using var reader = await command.ExecuteReaderAsync();
            _columns[table] = columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        }

        var clause = table switch
        {
            "actions" => " WHERE status <> 'pending'",
            "handoffs" => " WHERE status <> 'open'",

            // The day's last hour is the first of the day after.
            "hourly_costs" => $" WHERE true ON CONFLICT (hour, agent, kind, source) DO UPDATE SET {string.Join(", ", columns.Except(["hour", "agent", "kind", "source"]).Select(c => $"{c} = hourly_costs.{c} + excluded.{c}"))}",
            _ => "",
        };
        return $"INSERT INTO {table} ({string.Join(", ", columns.Select(c => $"\"{c}\""))}) SELECT {string.Join(", ", columns.Select(c => Copied(table, c, day)))} FROM pattern_{table}{clause}";
    }

    private string Copied(string table, string column, int day) => column switch
    {
        _ when Ids.Contains(column) || (column == "id" && table is "sessions" or "handoffs") => $"{(provider == DatabaseProvider.Sqlite ? "copied" : "md5")}(\"{column}\" || ':{day}')",
        _ when column is "at" or "hour" || column.EndsWith("_at", StringComparison.Ordinal) || column.EndsWith("_until", StringComparison.Ordinal) =>
            provider == DatabaseProvider.Sqlite ? $"\"{column}\" - {day * 86_400_000_000}" : $"\"{column}\" - interval '{day} days'",
        "state" when table == "sessions" => "CASE WHEN state IN ('running', 'waiting') THEN 'lost' ELSE state END",
        "open_handoffs" => "0",
        "keeps_content" when day >= ContentDays => provider == DatabaseProvider.Sqlite ? "0" : "false",
        "seq" when table == "audit_records" => $"seq + (SELECT {day} * max(seq) FROM pattern_audit_records)",
        _ => $"\"{column}\"",
    };

    private async Task<DbConnection> OpenAsync()
    {
        if (provider == DatabaseProvider.Postgres)
        {
            var postgres = new NpgsqlConnection(connectionString + ";Command Timeout=0;Pooling=false");
            await postgres.OpenAsync();
            return postgres;
        }

        var sqlite = new SqliteConnection(connectionString + ";Pooling=False;Default Timeout=600");
        await sqlite.OpenAsync();
        sqlite.CreateFunction("copied", (string? text) => text is null ? null : Convert.ToHexStringLower(Copied(text)), isDeterministic: true);
        await RunAsync(sqlite, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-2000000");
        return sqlite;
    }

    private static byte[] Copied(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text))[..16];

    private static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
