using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Breakers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "asked",
                table: "steps",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "got",
                table: "steps",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "agent_minutes",
                columns: table => new
                {
                    minute = table.Column<long>(type: "INTEGER", nullable: false),
                    agent = table.Column<string>(type: "TEXT", nullable: false),
                    cost_nanos = table.Column<long>(type: "INTEGER", nullable: false),
                    turns = table.Column<int>(type: "INTEGER", nullable: false),
                    steps = table.Column<int>(type: "INTEGER", nullable: false),
                    llm_calls = table.Column<int>(type: "INTEGER", nullable: false),
                    tool_calls = table.Column<int>(type: "INTEGER", nullable: false),
                    tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    errors = table.Column<int>(type: "INTEGER", nullable: false),
                    unpriced_calls = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_agent_minutes", x => new { x.minute, x.agent });
                });

            migrationBuilder.CreateTable(
                name: "breaker_trips",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    scope = table.Column<string>(type: "TEXT", nullable: false),
                    layer = table.Column<string>(type: "TEXT", nullable: false),
                    breaker_id = table.Column<string>(type: "TEXT", nullable: false),
                    metric = table.Column<string>(type: "TEXT", nullable: false),
                    then = table.Column<string>(type: "TEXT", nullable: false),
                    figure = table.Column<decimal>(type: "TEXT", nullable: false),
                    threshold = table.Column<decimal>(type: "TEXT", nullable: false),
                    currency = table.Column<string>(type: "TEXT", nullable: true),
                    window_seconds = table.Column<int>(type: "INTEGER", nullable: true),
                    team = table.Column<string>(type: "TEXT", nullable: false),
                    session_id = table.Column<string>(type: "TEXT", nullable: false),
                    agent = table.Column<string>(type: "TEXT", nullable: false),
                    detail_json = table.Column<string>(type: "TEXT", nullable: true),
                    tripped_at = table.Column<long>(type: "INTEGER", nullable: false),
                    handoff_id = table.Column<string>(type: "TEXT", nullable: false),
                    closed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    closed_by = table.Column<string>(type: "TEXT", nullable: true),
                    choice = table.Column<string>(type: "TEXT", nullable: true),
                    new_limit = table.Column<decimal>(type: "TEXT", nullable: true),
                    stopped = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_breaker_trips", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_breaker_trips_handoff_id",
                table: "breaker_trips",
                column: "handoff_id");

            migrationBuilder.CreateIndex(
                name: "IX_breaker_trips_once",
                table: "breaker_trips",
                columns: new[] { "scope", "layer", "breaker_id" },
                unique: true,
                filter: "closed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_breaker_trips_open",
                table: "breaker_trips",
                column: "tripped_at",
                filter: "closed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_breaker_trips_scope_tripped_at",
                table: "breaker_trips",
                columns: new[] { "scope", "tripped_at" });

            migrationBuilder.CreateIndex(
                name: "IX_breaker_trips_session_id_tripped_at",
                table: "breaker_trips",
                columns: new[] { "session_id", "tripped_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "agent_minutes");

            migrationBuilder.DropTable(
                name: "breaker_trips");

            migrationBuilder.DropColumn(
                name: "asked",
                table: "steps");

            migrationBuilder.DropColumn(
                name: "got",
                table: "steps");
        }
    }
}
