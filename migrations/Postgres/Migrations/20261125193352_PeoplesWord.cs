using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class PeoplesWord : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_actions_expires_at",
                table: "actions");

            migrationBuilder.AddColumn<string>(
                name: "asked_json",
                table: "actions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "people",
                table: "actions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "stated_risk",
                table: "actions",
                type: "text",
                nullable: true);

            // What is known of the actions so far: the risk that counted, and what people said here or outside.
            migrationBuilder.Sql("UPDATE actions SET stated_risk = risk");

            // The form of what was reported outside has changed: it is told by its decision as people's word is. Not by jsonb, which refuses numbers that JSON permits; and of
            // a text with escapes that PostgreSQL has no character for, such as U+0000, what can be read.
            migrationBuilder.Sql(
                """
                DO $$
                DECLARE
                    reported record;
                    said text;
                BEGIN
                    FOR reported IN SELECT session_id, action_id, ground_truth_json FROM actions WHERE ground_truth_json IS NOT NULL LOOP
                        said := reported.ground_truth_json;
                        BEGIN
                            PERFORM said::json ->> 'decision';
                        EXCEPTION WHEN data_exception THEN
                            said := regexp_replace(replace(said, '\\', ''), '\\u[0-9A-Fa-f]{4}', '', 'g');
                        END;
                        UPDATE actions
                        SET people = CASE said::json ->> 'decision' WHEN 'approve' THEN 'approved' WHEN 'edit' THEN 'edited' WHEN 'reject' THEN 'rejected' END
                        WHERE session_id = reported.session_id AND action_id = reported.action_id;
                        UPDATE actions
                        SET ground_truth_json = json_build_object('decision', people, 'arguments', said::json -> 'arguments', 'by', said::json -> 'by', 'note', said::json -> 'note')::text
                        WHERE session_id = reported.session_id AND action_id = reported.action_id;
                    END LOOP;
                END $$
                """);
            migrationBuilder.Sql(
                """
                UPDATE actions SET people = (
                    SELECT CASE WHEN h.status = 'approved' AND NOT actions.edited THEN 'approved' WHEN h.status = 'approved' THEN 'edited' ELSE 'rejected' END
                    FROM handoffs h WHERE h.id = actions.handoff_id AND h.status IN ('approved', 'rejected', 'taken_over'))
                WHERE people IS NULL AND handoff_id IS NOT NULL
                """);

            migrationBuilder.CreateIndex(
                name: "IX_actions_agent_expires_at",
                table: "actions",
                columns: new[] { "agent", "expires_at" },
                filter: "execution = 'none' AND status = 'allowed' AND budgets_json IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_actions_experience",
                table: "actions",
                columns: new[] { "requested_at", "session_id", "action_id" },
                filter: "people IS NOT NULL OR would_be IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_actions_agent_expires_at",
                table: "actions");

            migrationBuilder.DropIndex(
                name: "IX_actions_experience",
                table: "actions");

            migrationBuilder.DropColumn(
                name: "asked_json",
                table: "actions");

            migrationBuilder.DropColumn(
                name: "people",
                table: "actions");

            migrationBuilder.DropColumn(
                name: "stated_risk",
                table: "actions");

            migrationBuilder.CreateIndex(
                name: "IX_actions_expires_at",
                table: "actions",
                column: "expires_at",
                filter: "execution = 'none' AND budgets_json IS NOT NULL");
        }
    }
}
