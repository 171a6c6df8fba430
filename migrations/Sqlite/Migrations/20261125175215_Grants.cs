using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Grants : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "claims_since",
                table: "agents",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "claimed_at",
                table: "actions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "claimed_by",
                table: "actions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "report_by",
                table: "actions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "grant_keys",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    x = table.Column<string>(type: "TEXT", nullable: false),
                    y = table.Column<string>(type: "TEXT", nullable: false),
                    private_protected = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    signs_from = table.Column<long>(type: "INTEGER", nullable: false),
                    trusted_until = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_grant_keys", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_actions_expires_at",
                table: "actions",
                column: "expires_at",
                filter: "execution = 'none' AND budgets_json IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_actions_report_by",
                table: "actions",
                column: "report_by",
                filter: "execution = 'claimed'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "grant_keys");

            migrationBuilder.DropIndex(
                name: "IX_actions_expires_at",
                table: "actions");

            migrationBuilder.DropIndex(
                name: "IX_actions_report_by",
                table: "actions");

            migrationBuilder.DropColumn(
                name: "claims_since",
                table: "agents");

            migrationBuilder.DropColumn(
                name: "claimed_at",
                table: "actions");

            migrationBuilder.DropColumn(
                name: "claimed_by",
                table: "actions");

            migrationBuilder.DropColumn(
                name: "report_by",
                table: "actions");
        }
    }
}
