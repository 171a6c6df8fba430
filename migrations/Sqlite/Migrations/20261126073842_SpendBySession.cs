using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class SpendBySession : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "cache_write_tokens",
                table: "hourly_costs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "unpriced_calls",
                table: "hourly_costs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "session_hours",
                columns: table => new
                {
                    session_id = table.Column<string>(type: "TEXT", nullable: false),
                    hour = table.Column<long>(type: "INTEGER", nullable: false),
                    agent = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    source = table.Column<string>(type: "TEXT", nullable: false),
                    cost_nanos = table.Column<long>(type: "INTEGER", nullable: false),
                    input_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    output_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    cached_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    cache_write_tokens = table.Column<long>(type: "INTEGER", nullable: false),
                    calls = table.Column<int>(type: "INTEGER", nullable: false),
                    unpriced_calls = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_session_hours", x => new { x.hour, x.session_id, x.agent, x.kind, x.source });
                });

            // What steps and cost events of the past came to, by the rule that they were added up by.
            migrationBuilder.Sql(
                """
                INSERT INTO session_hours (session_id, hour, agent, kind, source, cost_nanos, input_tokens, output_tokens, cached_tokens, cache_write_tokens, calls, unpriced_calls)
                SELECT session_id, started_at - started_at % 3600000000, COALESCE(agent, 'unknown'), 'model', COALESCE(response_model, request_model, 'unknown model'),
                    CAST(MIN(TOTAL(CASE WHEN counts_cost THEN COALESCE(cost_nanos, 0) ELSE 0 END), 9000000000000000000) AS INTEGER),
                    CAST(MIN(TOTAL(CASE WHEN counts AND (kind = 1 OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL) THEN COALESCE(input_tokens, 0) ELSE 0 END), 9000000000000000000) AS INTEGER),
                    CAST(MIN(TOTAL(CASE WHEN counts AND (kind = 1 OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL) THEN COALESCE(output_tokens, 0) ELSE 0 END), 9000000000000000000) AS INTEGER),
                    CAST(MIN(TOTAL(CASE WHEN counts AND (kind = 1 OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL) THEN COALESCE(cached_tokens, 0) ELSE 0 END), 9000000000000000000) AS INTEGER),
                    CAST(MIN(TOTAL(CASE WHEN counts AND (kind = 1 OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL) THEN COALESCE(cache_write_tokens, 0) ELSE 0 END), 9000000000000000000) AS INTEGER),
                    SUM(CASE WHEN counts AND (kind = 1 OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL) THEN 1 ELSE 0 END),
                    SUM(CASE WHEN counts_cost AND cost_nanos IS NULL AND NOT failed AND (kind = 1 OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL) THEN 1 ELSE 0 END)
                FROM steps
                WHERE (counts AND (kind = 1 OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL)) OR (counts_cost AND (cost_nanos IS NOT NULL OR (NOT failed AND (kind = 1 OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL))))
                GROUP BY session_id, started_at - started_at % 3600000000, COALESCE(agent, 'unknown'), COALESCE(response_model, request_model, 'unknown model')
                """);
            migrationBuilder.Sql(
                """
                INSERT INTO session_hours (session_id, hour, agent, kind, source, cost_nanos, input_tokens, output_tokens, cached_tokens, cache_write_tokens, calls, unpriced_calls)
                SELECT session_id, at - at % 3600000000, agent, kind, COALESCE(name, ''), CAST(MIN(TOTAL(CASE WHEN currency = 'USD' THEN CAST(ROUND(CAST(amount AS REAL) * 1000000000) AS INTEGER) ELSE 0 END), 9000000000000000000) AS INTEGER),
                    CAST(MIN(TOTAL(COALESCE(input_tokens, 0)), 9000000000000000000) AS INTEGER), CAST(MIN(TOTAL(COALESCE(output_tokens, 0)), 9000000000000000000) AS INTEGER), 0, 0,
                    SUM(CASE WHEN kind = 'model' THEN 1 ELSE 0 END), SUM(CASE WHEN currency = 'USD' THEN 0 ELSE 1 END)
                FROM cost_events WHERE true
                GROUP BY session_id, at - at % 3600000000, agent, kind, COALESCE(name, '')
                ON CONFLICT (session_id, hour, agent, kind, source) DO UPDATE SET cost_nanos = CASE WHEN session_hours.cost_nanos > 9000000000000000000 - excluded.cost_nanos THEN 9000000000000000000 ELSE session_hours.cost_nanos + excluded.cost_nanos END, input_tokens = CASE WHEN session_hours.input_tokens > 9000000000000000000 - excluded.input_tokens THEN 9000000000000000000 ELSE session_hours.input_tokens + excluded.input_tokens END, output_tokens = CASE WHEN session_hours.output_tokens > 9000000000000000000 - excluded.output_tokens THEN 9000000000000000000 ELSE session_hours.output_tokens + excluded.output_tokens END, cached_tokens = CASE WHEN session_hours.cached_tokens > 9000000000000000000 - excluded.cached_tokens THEN 9000000000000000000 ELSE session_hours.cached_tokens + excluded.cached_tokens END, cache_write_tokens = CASE WHEN session_hours.cache_write_tokens > 9000000000000000000 - excluded.cache_write_tokens THEN 9000000000000000000 ELSE session_hours.cache_write_tokens + excluded.cache_write_tokens END,
                    calls = session_hours.calls + excluded.calls, unpriced_calls = session_hours.unpriced_calls + excluded.unpriced_calls
                """);

            // What the hours did not keep until now.
            migrationBuilder.Sql(
                """
                UPDATE hourly_costs SET
                    cache_write_tokens = COALESCE((SELECT CAST(MIN(TOTAL(s.cache_write_tokens), 9000000000000000000) AS INTEGER) FROM session_hours s
                        WHERE s.hour = hourly_costs.hour AND s.agent = hourly_costs.agent AND s.kind = hourly_costs.kind AND s.source = hourly_costs.source), 0),
                    unpriced_calls = COALESCE((SELECT SUM(s.unpriced_calls) FROM session_hours s
                        WHERE s.hour = hourly_costs.hour AND s.agent = hourly_costs.agent AND s.kind = hourly_costs.kind AND s.source = hourly_costs.source), 0)
                """);

            // Of what was cleared away it is not known any more which session it was: it stands under none, so that both tables come to the same.
            migrationBuilder.Sql(
                """
                INSERT INTO session_hours (session_id, hour, agent, kind, source, cost_nanos, input_tokens, output_tokens, cached_tokens, cache_write_tokens, calls, unpriced_calls)
                SELECT '', h.hour, h.agent, h.kind, h.source, h.cost_nanos - COALESCE(s.nanos, 0), h.input_tokens - COALESCE(s.taken, 0), h.output_tokens - COALESCE(s.given, 0),
                    h.cached_tokens - COALESCE(s.cached, 0), 0, CASE WHEN h.kind = 'model' THEN h.calls - COALESCE(s.calls, 0) ELSE 0 END, 0
                FROM hourly_costs h LEFT JOIN (
                    SELECT hour, agent, kind, source, CAST(MIN(TOTAL(cost_nanos), 9000000000000000000) AS INTEGER) AS nanos, CAST(MIN(TOTAL(input_tokens), 9000000000000000000) AS INTEGER) AS taken,
                        CAST(MIN(TOTAL(output_tokens), 9000000000000000000) AS INTEGER) AS given, CAST(MIN(TOTAL(cached_tokens), 9000000000000000000) AS INTEGER) AS cached, SUM(calls) AS calls
                    FROM session_hours GROUP BY hour, agent, kind, source) s ON s.hour = h.hour AND s.agent = h.agent AND s.kind = h.kind AND s.source = h.source
                WHERE h.cost_nanos <> COALESCE(s.nanos, 0) OR h.input_tokens <> COALESCE(s.taken, 0) OR h.output_tokens <> COALESCE(s.given, 0)
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "session_hours");

            migrationBuilder.DropColumn(
                name: "cache_write_tokens",
                table: "hourly_costs");

            migrationBuilder.DropColumn(
                name: "unpriced_calls",
                table: "hourly_costs");
        }
    }
}
