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
            migrationBuilder.Sql(
                """
                UPDATE actions SET people = CASE ground_truth_json::json ->> 'decision'
                    WHEN 'approve' THEN 'approved' WHEN 'edit' THEN 'edited' WHEN 'reject' THEN 'rejected' END
                WHERE ground_truth_json IS NOT NULL
                """);
            migrationBuilder.Sql(
                """
                UPDATE actions SET people = (
                    SELECT CASE WHEN h.status = 'approved' AND NOT actions.edited THEN 'approved' WHEN h.status = 'approved' THEN 'edited' ELSE 'rejected' END
                    FROM handoffs h WHERE h.id = actions.handoff_id AND h.status IN ('approved', 'rejected', 'taken_over'))
                WHERE people IS NULL AND handoff_id IS NOT NULL
                """);

            // The form of what was reported has changed: it is told by its decision as people's word is.
            migrationBuilder.Sql(
                """
                UPDATE actions SET ground_truth_json = jsonb_set(ground_truth_json::jsonb, '{decision}', to_jsonb(people))::text
                WHERE ground_truth_json IS NOT NULL
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
