using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class ClaimIds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "claim_id",
                table: "actions",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "claim_id",
                table: "actions");
        }
    }
}
