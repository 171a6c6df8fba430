using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Postgres.Migrations
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

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_received_at",
                table: "metric_series",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            // When a series was heard of last is known only by its sender's clock: at the latest now.
            migrationBuilder.Sql("UPDATE metric_series SET last_received_at = now()");

            migrationBuilder.AddColumn<bool>(
                name: "retired",
                table: "metric_series",
                type: "boolean",
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
