using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Grants : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "claims_since",
                table: "agents",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "claimed_at",
                table: "actions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "claimed_by",
                table: "actions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "report_by",
                table: "actions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "grant_keys",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    x = table.Column<string>(type: "text", nullable: false),
                    y = table.Column<string>(type: "text", nullable: false),
                    private_protected = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    signs_from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    trusted_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
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
