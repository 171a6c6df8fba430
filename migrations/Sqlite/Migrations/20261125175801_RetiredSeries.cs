using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class RetiredSeries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_metric_series_team_last_at",
                table: "metric_series");

            migrationBuilder.AddColumn<long>(
                name: "last_received_at",
                table: "metric_series",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            // When a series was heard of last is known only by its sender's clock: at the latest now.
            migrationBuilder.Sql("UPDATE metric_series SET last_received_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000");

            migrationBuilder.AddColumn<bool>(
                name: "retired",
                table: "metric_series",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "IX_metric_series_team_last_received_at",
                table: "metric_series",
                columns: new[] { "team", "last_received_at" },
                filter: "NOT retired");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_metric_series_team_last_received_at",
                table: "metric_series");

            migrationBuilder.DropColumn(
                name: "last_received_at",
                table: "metric_series");

            migrationBuilder.DropColumn(
                name: "retired",
                table: "metric_series");

            migrationBuilder.CreateIndex(
                name: "IX_metric_series_team_last_at",
                table: "metric_series",
                columns: new[] { "team", "last_at" });
        }
    }
}
