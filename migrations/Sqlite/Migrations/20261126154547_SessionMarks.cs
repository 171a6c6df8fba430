using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class SessionMarks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "bypass_json",
                table: "handoffs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "arguments_print",
                table: "actions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "bypass_json",
                table: "actions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "session_disagreements",
                columns: table => new
                {
                    session_id = table.Column<string>(type: "TEXT", nullable: false),
                    found_json = table.Column<string>(type: "TEXT", nullable: false),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_session_disagreements", x => x.session_id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_sessions_user",
                table: "sessions",
                column: "user",
                filter: "\"user\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_actions_bypass",
                table: "actions",
                column: "session_id",
                filter: "bypass_json IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_actions_refused",
                table: "actions",
                columns: new[] { "session_id", "requested_at" },
                filter: "status IN ('denied', 'rejected', 'expired')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "session_disagreements");

            migrationBuilder.DropIndex(
                name: "IX_sessions_user",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "IX_actions_bypass",
                table: "actions");

            migrationBuilder.DropIndex(
                name: "IX_actions_refused",
                table: "actions");

            migrationBuilder.DropColumn(
                name: "bypass_json",
                table: "handoffs");

            migrationBuilder.DropColumn(
                name: "arguments_print",
                table: "actions");

            migrationBuilder.DropColumn(
                name: "bypass_json",
                table: "actions");
        }
    }
}
