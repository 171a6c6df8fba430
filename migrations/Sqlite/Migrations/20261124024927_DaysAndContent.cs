using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
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

            migrationBuilder.AddColumn<long>(
                name: "first_received_at",
                table: "traces",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "keeps_content",
                table: "traces",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<long>(
                name: "last_received_at",
                table: "traces",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<byte[]>(
                name: "origins",
                table: "steps",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "received_at",
                table: "step_contents",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "first_received_at",
                table: "sessions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "kind",
                table: "hourly_costs",
                type: "TEXT",
                nullable: false,
                defaultValue: "model");

            migrationBuilder.AddColumn<long>(
                name: "cached_tokens",
                table: "hourly_costs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "duration_micros",
                table: "hourly_costs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "errors",
                table: "hourly_costs",
                type: "INTEGER",
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
                    person_id = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    query = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_saved_views", x => new { x.person_id, x.name });
                });

            migrationBuilder.CreateTable(
                name: "settings",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    json = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<int>(type: "INTEGER", nullable: false),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    changed_by = table.Column<string>(type: "TEXT", nullable: false)
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
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
    }
}
