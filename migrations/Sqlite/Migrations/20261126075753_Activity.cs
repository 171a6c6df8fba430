using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Activity : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "heartbeat_at",
                table: "sessions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "pending",
                table: "sessions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "pending_at",
                table: "sessions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "call_latencies",
                columns: table => new
                {
                    hour = table.Column<long>(type: "INTEGER", nullable: false),
                    agent = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    bucket = table.Column<int>(type: "INTEGER", nullable: false),
                    calls = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_call_latencies", x => new { x.hour, x.agent, x.kind, x.bucket });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "call_latencies");

            // By SQLite's own statement: EF would build the table anew, and the triggers on it that keep the sessions' text would be gone.
            migrationBuilder.Sql("ALTER TABLE sessions DROP COLUMN heartbeat_at");
            migrationBuilder.Sql("ALTER TABLE sessions DROP COLUMN pending");
            migrationBuilder.Sql("ALTER TABLE sessions DROP COLUMN pending_at");
        }
    }
}
