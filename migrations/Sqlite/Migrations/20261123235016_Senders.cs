using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Senders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "senders",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    team = table.Column<string>(type: "TEXT", nullable: false),
                    service_name = table.Column<string>(type: "TEXT", nullable: true),
                    sdk = table.Column<string>(type: "TEXT", nullable: true),
                    sdk_version = table.Column<string>(type: "TEXT", nullable: true),
                    first_seen_at = table.Column<long>(type: "INTEGER", nullable: false),
                    last_seen_at = table.Column<long>(type: "INTEGER", nullable: false),
                    coverage_json = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_senders", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_senders_team_last_seen_at",
                table: "senders",
                columns: new[] { "team", "last_seen_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "senders");
        }
    }
}
