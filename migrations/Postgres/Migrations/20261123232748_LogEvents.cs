using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class LogEvents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "call_id",
                table: "steps",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_own",
                table: "steps",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<int>(
                name: "telling",
                table: "steps",
                type: "integer",
                nullable: false,
                defaultValue: 0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "call_id",
                table: "steps");

            migrationBuilder.DropColumn(
                name: "is_own",
                table: "steps");

            migrationBuilder.DropColumn(
                name: "telling",
                table: "steps");
        }
    }
}
