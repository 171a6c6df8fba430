using System.Globalization;
using Handrail.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Handrail.Faults.Recovery;

/// <summary>Row 15: every schema that was ever released, with rows in every table, comes up to this version's and keeps them.</summary>
public sealed class Row15Upgrades
{
    [Theory, Databases]
    public async Task Row_15_rows_of_every_released_schema_are_there_after_the_upgrade(DatabaseProvider provider)
    {
        var folder = Directory.CreateTempSubdirectory("handrail-upgrade-").FullName;
        try
        {
            var connection = provider == DatabaseProvider.Sqlite
                ? new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "handrail.db"), Pooling = false, ForeignKeys = false }.ToString()
                : await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync() + ";Pooling=false";
            await using var db = Suite.Open(new StoreSettings(provider, connection));
            var migrator = db.GetService<IMigrator>();
            var released = db.Database.GetMigrations().ToList();
            var written = new Dictionary<string, long>(StringComparer.Ordinal);
            var lost = new List<string>();
            for (var version = 0; version < released.Count; version++)
            {
                await migrator.MigrateAsync(released[version]);
                await using var rows = await SchemaRows.OpenAsync(provider, connection);
                foreach (var table in await rows.TablesAsync())
                {
                    var count = await rows.CountAsync(table);
                    if (count < written.GetValueOrDefault(table))
                    {
                        lost.Add($"{released[version]} leaves {count} of {written[table]} rows in {table}");
                    }

                    await rows.AddAsync(table, version + 1);
                    written[table] = count + 1;
                }
            }

            Assert.Empty(lost);
            Assert.Empty(await db.Database.GetPendingMigrationsAsync());
            Figures.Say("Row 15, upgrades", provider, string.Create(CultureInfo.InvariantCulture, $"{released.Count} released schemas, rows in {written.Count} tables, all there"), null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes a row into any table of any version, by what the database says of its columns.</summary>
    private sealed class SchemaRows(DatabaseProvider provider, System.Data.Common.DbConnection connection) : IAsyncDisposable
    {
        /// <summary>Plain tables: neither EF's own, nor an index over others or what triggers keep for it, nor what is divided by days, whose days the console makes (MigrationTests has those).</summary>
        private string Tables => provider == DatabaseProvider.Sqlite
            ? "SELECT name FROM sqlite_master t WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' "
                + "AND NOT EXISTS (SELECT 1 FROM sqlite_master v WHERE v.sql LIKE 'CREATE VIRTUAL%' AND t.name LIKE v.name || '\\_%' ESCAPE '\\') "
                + "AND NOT EXISTS (SELECT 1 FROM sqlite_master g WHERE g.type = 'trigger' AND g.sql LIKE '%INTO%' || t.name || '%')"
            : "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_EF%'";

        public static async Task<SchemaRows> OpenAsync(DatabaseProvider provider, string connectionString)
        {
            System.Data.Common.DbConnection connection = provider == DatabaseProvider.Sqlite ? new SqliteConnection(connectionString) : new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            var rows = new SchemaRows(provider, connection);
            if (provider == DatabaseProvider.Postgres)
            {
                // A row may name another that is not there: it is the row itself that is looked for.
                await rows.ReadAsync("SET session_replication_role = replica");
            }

            return rows;
        }

        public async Task<List<string>> TablesAsync() => [.. (await ReadAsync(Tables)).Select(r => r[0])];

        public async Task<long> CountAsync(string table) => long.Parse((await ReadAsync($"SELECT count(*) FROM \"{table}\""))[0][0], CultureInfo.InvariantCulture);

        public async Task AddAsync(string table, int number)
        {
            var columns = await ReadAsync(provider == DatabaseProvider.Sqlite
                ? $"SELECT name, type FROM pragma_table_info('{table}')"
                : $"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' AND is_generated = 'NEVER'");
            var values = columns.Select(c => Value(c[0], c[1].ToUpperInvariant(), number));
            await ReadAsync($"INSERT INTO \"{table}\" ({string.Join(", ", columns.Select(c => $"\"{c[0]}\""))}) {(provider == DatabaseProvider.Sqlite ? "" : "OVERRIDING SYSTEM VALUE ")}VALUES ({string.Join(", ", values)})");
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();

        private static string Value(string column, string type, int number) => type switch
        {
            _ when column.EndsWith("_json", StringComparison.Ordinal) || type.StartsWith("JSON", StringComparison.Ordinal) => "'{}'",
            _ when type.StartsWith("TIMESTAMP", StringComparison.Ordinal) => $"'2026-01-01T00:00:00Z'::timestamptz + interval '{number} seconds'",
            "DATE" => $"'2026-01-01'::date + {number}",
            "BOOLEAN" => "false",
            "BLOB" => "x'00'",
            "BYTEA" => "'\\x00'",
            "UUID" => $"'00000000-0000-0000-0000-{number:x12}'",
            "ARRAY" => "'{}'",
            "INTEGER" or "BIGINT" or "SMALLINT" or "NUMERIC" or "REAL" or "DOUBLE PRECISION" => number.ToString(CultureInfo.InvariantCulture),
            _ => $"'x{number}'",
        };

        private async Task<List<string[]>> ReadAsync(string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<string[]>();
            while (await reader.ReadAsync())
            {
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture)!)]);
            }

            return rows;
        }
    }
}
