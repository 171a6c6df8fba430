using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Desk : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_saved_views",
                table: "saved_views");

            migrationBuilder.AddColumn<string>(
                name: "page",
                table: "saved_views",
                type: "text",
                nullable: false,
                defaultValue: "sessions");

            migrationBuilder.AddColumn<string>(
                name: "by",
                table: "messages",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "to",
                table: "messages",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "assigned_by",
                table: "handoffs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "assigned_note",
                table: "handoffs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "assigned_to",
                table: "handoffs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "looked_ms",
                table: "handoffs",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "planted_from",
                table: "handoffs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "reject_codes_json",
                table: "agents",
                type: "text",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddPrimaryKey(
                name: "PK_saved_views",
                table: "saved_views",
                columns: new[] { "person_id", "page", "name" });

            migrationBuilder.CreateTable(
                name: "handoff_snoozes",
                columns: table => new
                {
                    person_id = table.Column<string>(type: "text", nullable: false),
                    handoff_id = table.Column<string>(type: "text", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_handoff_snoozes", x => new { x.person_id, x.handoff_id });
                });

            migrationBuilder.CreateIndex(
                name: "IX_handoffs_type_category_decided_at",
                table: "handoffs",
                columns: new[] { "type", "category", "decided_at" },
                filter: "decided_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_handoffs_type_vendor_decided_at",
                table: "handoffs",
                columns: new[] { "type", "vendor", "decided_at" },
                filter: "decided_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_handoff_snoozes_until",
                table: "handoff_snoozes",
                column: "until");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "handoff_snoozes");

            migrationBuilder.DropPrimaryKey(
                name: "PK_saved_views",
                table: "saved_views");

            migrationBuilder.DropIndex(
                name: "IX_handoffs_type_category_decided_at",
                table: "handoffs");

            migrationBuilder.DropIndex(
                name: "IX_handoffs_type_vendor_decided_at",
                table: "handoffs");

            migrationBuilder.DropColumn(
                name: "page",
                table: "saved_views");

            migrationBuilder.DropColumn(
                name: "by",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "to",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "assigned_by",
                table: "handoffs");

            migrationBuilder.DropColumn(
                name: "assigned_note",
                table: "handoffs");

            migrationBuilder.DropColumn(
                name: "assigned_to",
                table: "handoffs");

            migrationBuilder.DropColumn(
                name: "looked_ms",
                table: "handoffs");

            migrationBuilder.DropColumn(
                name: "planted_from",
                table: "handoffs");

            migrationBuilder.DropColumn(
                name: "reject_codes_json",
                table: "agents");

            migrationBuilder.AddPrimaryKey(
                name: "PK_saved_views",
                table: "saved_views",
                columns: new[] { "person_id", "name" });
        }
    }
}
