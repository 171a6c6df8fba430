using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class DaysAndContent : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_steps",
                table: "steps");

            migrationBuilder.DropPrimaryKey(
                name: "PK_step_contents",
                table: "step_contents");

            migrationBuilder.DropPrimaryKey(
                name: "PK_hourly_costs",
                table: "hourly_costs");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "first_received_at",
                table: "traces",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<bool>(
                name: "keeps_content",
                table: "traces",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_received_at",
                table: "traces",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<byte[]>(
                name: "origins",
                table: "steps",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "received_at",
                table: "step_contents",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "first_received_at",
                table: "sessions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "kind",
                table: "hourly_costs",
                type: "text",
                nullable: false,
                defaultValue: "model");

            migrationBuilder.AddColumn<long>(
                name: "cached_tokens",
                table: "hourly_costs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "duration_micros",
                table: "hourly_costs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "errors",
                table: "hourly_costs",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddPrimaryKey(
                name: "PK_steps",
                table: "steps",
                columns: new[] { "trace_id", "span_id", "received_at" });

            migrationBuilder.AddPrimaryKey(
                name: "PK_step_contents",
                table: "step_contents",
                columns: new[] { "trace_id", "span_id", "received_at" });

            migrationBuilder.AddPrimaryKey(
                name: "PK_hourly_costs",
                table: "hourly_costs",
                columns: new[] { "hour", "agent", "kind", "source" });

            migrationBuilder.CreateTable(
                name: "saved_views",
                columns: table => new
                {
                    person_id = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    query = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_saved_views", x => new { x.person_id, x.name });
                });

            migrationBuilder.CreateTable(
                name: "settings",
                columns: table => new
                {
                    key = table.Column<string>(type: "text", nullable: false),
                    json = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    changed_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_settings", x => x.key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_traces_content",
                table: "traces",
                column: "last_received_at",
                filter: "keeps_content");

            migrationBuilder.CreateIndex(
                name: "IX_traces_last_received_at",
                table: "traces",
                column: "last_received_at");

            migrationBuilder.Sql("UPDATE step_contents SET received_at = COALESCE((SELECT s.received_at FROM steps s WHERE s.trace_id = step_contents.trace_id AND s.span_id = step_contents.span_id), received_at)");
            migrationBuilder.Sql(
                "UPDATE traces SET first_received_at = COALESCE((SELECT MIN(s.received_at) FROM steps s WHERE s.trace_id = traces.trace_id), first_received_at), "
                + "last_received_at = COALESCE((SELECT MAX(s.received_at) FROM steps s WHERE s.trace_id = traces.trace_id), last_received_at)");
            migrationBuilder.Sql("UPDATE sessions SET first_received_at = (SELECT MIN(s.received_at) FROM steps s WHERE s.session_id = sessions.id)");
            foreach (var kind in new[] { "model", "tool", "human", "other" })
            {
                migrationBuilder.Sql($"UPDATE hourly_costs SET kind = '{kind}', source = SUBSTR(source, LENGTH('{kind}:') + 1) WHERE source LIKE '{kind}:%'");
                migrationBuilder.Sql($"UPDATE hourly_costs SET kind = '{kind}', source = '' WHERE source = '{kind}'");
            }

            // EF has no word for partitions. The model is the same: a day's table is none that EF sees.
            Divide(migrationBuilder, "steps", "PK_steps");
            Divide(migrationBuilder, "step_contents", "PK_step_contents");
            migrationBuilder.Sql("CREATE INDEX \"IX_steps_session_id_started_at_span_id\" ON steps (session_id, started_at, span_id)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            Join(migrationBuilder, "steps", "PK_steps");
            Join(migrationBuilder, "step_contents", "PK_step_contents");
            migrationBuilder.Sql("CREATE INDEX \"IX_steps_session_id_started_at_span_id\" ON steps (session_id, started_at, span_id)");

            migrationBuilder.DropTable(
                name: "saved_views");

            migrationBuilder.DropTable(
                name: "settings");

            migrationBuilder.DropIndex(
                name: "IX_traces_content",
                table: "traces");

            migrationBuilder.DropIndex(
                name: "IX_traces_last_received_at",
                table: "traces");

            migrationBuilder.DropPrimaryKey(
                name: "PK_steps",
                table: "steps");

            migrationBuilder.DropPrimaryKey(
                name: "PK_step_contents",
                table: "step_contents");

            migrationBuilder.DropPrimaryKey(
                name: "PK_hourly_costs",
                table: "hourly_costs");

            migrationBuilder.DropColumn(
                name: "first_received_at",
                table: "traces");

            migrationBuilder.DropColumn(
                name: "keeps_content",
                table: "traces");

            migrationBuilder.DropColumn(
                name: "last_received_at",
                table: "traces");

            migrationBuilder.DropColumn(
                name: "origins",
                table: "steps");

            migrationBuilder.DropColumn(
                name: "received_at",
                table: "step_contents");

            migrationBuilder.DropColumn(
                name: "first_received_at",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "kind",
                table: "hourly_costs");

            migrationBuilder.DropColumn(
                name: "cached_tokens",
                table: "hourly_costs");

            migrationBuilder.DropColumn(
                name: "duration_micros",
                table: "hourly_costs");

            migrationBuilder.DropColumn(
                name: "errors",
                table: "hourly_costs");

            migrationBuilder.AddPrimaryKey(
                name: "PK_steps",
                table: "steps",
                columns: new[] { "trace_id", "span_id" });

            migrationBuilder.AddPrimaryKey(
                name: "PK_step_contents",
                table: "step_contents",
                columns: new[] { "trace_id", "span_id" });

            migrationBuilder.AddPrimaryKey(
                name: "PK_hourly_costs",
                table: "hourly_costs",
                columns: new[] { "hour", "agent", "source" });
        }

        /// <summary>Makes of a table one that is divided by the day its rows came in, with its rows.</summary>
        private static void Divide(MigrationBuilder migrationBuilder, string table, string key)
        {
            migrationBuilder.Sql($"ALTER TABLE {table} RENAME TO {table}_undivided");
            migrationBuilder.Sql($"ALTER TABLE {table}_undivided DROP CONSTRAINT \"{key}\"");
            migrationBuilder.Sql($"CREATE TABLE {table} (LIKE {table}_undivided INCLUDING DEFAULTS, CONSTRAINT \"{key}\" PRIMARY KEY (trace_id, span_id, received_at)) PARTITION BY RANGE (received_at)");
            migrationBuilder.Sql(
                $"""
                DO $$
                DECLARE day date;
                BEGIN
                    FOR day IN SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM {table}_undivided LOOP
                        EXECUTE format('CREATE TABLE %I PARTITION OF {table} FOR VALUES FROM (%L) TO (%L)',
                            '{table}_' || to_char(day, 'YYYYMMDD'), day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
                    END LOOP;
                END $$
                """);
            migrationBuilder.Sql($"INSERT INTO {table} SELECT * FROM {table}_undivided");

            // With its index, so that the name is free.
            migrationBuilder.Sql($"DROP TABLE {table}_undivided");
        }

        private static void Join(MigrationBuilder migrationBuilder, string table, string key)
        {
            migrationBuilder.Sql($"ALTER TABLE {table} RENAME TO {table}_divided");
            migrationBuilder.Sql($"CREATE TABLE {table} (LIKE {table}_divided INCLUDING DEFAULTS)");
            migrationBuilder.Sql($"INSERT INTO {table} SELECT * FROM {table}_divided");
            migrationBuilder.Sql($"DROP TABLE {table}_divided");
            migrationBuilder.Sql($"ALTER TABLE {table} ADD CONSTRAINT \"{key}\" PRIMARY KEY (trace_id, span_id, received_at)");
        }
    }
}
