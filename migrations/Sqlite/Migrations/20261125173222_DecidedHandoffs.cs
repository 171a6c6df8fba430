using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class DecidedHandoffs : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_handoffs_agent_decided_at_id",
                table: "handoffs",
                columns: new[] { "agent", "decided_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_handoffs_decided_at",
                table: "handoffs",
                column: "decided_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_handoffs_agent_decided_at_id",
                table: "handoffs");

            migrationBuilder.DropIndex(
                name: "IX_handoffs_decided_at",
                table: "handoffs");
        }
    }
}
