using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Handrail.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Growth : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_sessions_state_last_activity_at",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "IX_session_agents_agent",
                table: "session_agents");

            migrationBuilder.DropIndex(
                name: "IX_actions_requested_at",
                table: "actions");

            migrationBuilder.CreateTable(
                name: "session_texts",
                columns: table => new
                {
                    number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    session_id = table.Column<string>(type: "TEXT", nullable: false),
                    text = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_session_texts", x => x.number);
                });

            migrationBuilder.CreateIndex(
                name: "IX_sessions_state_last_activity_at_id",
                table: "sessions",
                columns: new[] { "state", "last_activity_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_session_agents_agent_session_id",
                table: "session_agents",
                columns: new[] { "agent", "session_id" });

            migrationBuilder.CreateIndex(
                name: "IX_handoffs_agent_opened_at",
                table: "handoffs",
                columns: new[] { "agent", "opened_at" });

            migrationBuilder.CreateIndex(
                name: "IX_handoffs_opened_at_id",
                table: "handoffs",
                columns: new[] { "opened_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_records_act_seq",
                table: "audit_records",
                columns: new[] { "act", "seq" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_records_at",
                table: "audit_records",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_actions_requested_at_agent_type_currency",
                table: "actions",
                columns: new[] { "requested_at", "agent", "type", "currency" });

            migrationBuilder.CreateIndex(
                name: "IX_session_texts_session_id",
                table: "session_texts",
                column: "session_id",
                unique: true);

            // An index of every three letters, kept by the database. Who rebuilds the table "sessions" makes the first two triggers again.
            migrationBuilder.Sql("CREATE VIRTUAL TABLE session_words USING fts5(text, content='session_texts', content_rowid='number', tokenize='trigram')");
            migrationBuilder.Sql("CREATE TRIGGER session_text_new AFTER INSERT ON sessions BEGIN INSERT INTO session_texts (session_id, text) VALUES (new.id, lower(new.id || char(10) || coalesce(new.title, '') || char(10) || coalesce(new.\"user\", ''))); END");
            migrationBuilder.Sql("CREATE TRIGGER session_text_changed AFTER UPDATE OF title, \"user\" ON sessions WHEN old.title IS NOT new.title OR old.\"user\" IS NOT new.\"user\" BEGIN UPDATE session_texts SET text = lower(new.id || char(10) || coalesce(new.title, '') || char(10) || coalesce(new.\"user\", '')) WHERE session_id = new.id; END");
            migrationBuilder.Sql("CREATE TRIGGER session_words_new AFTER INSERT ON session_texts BEGIN INSERT INTO session_words (rowid, text) VALUES (new.number, new.text); END");
            migrationBuilder.Sql("CREATE TRIGGER session_words_changed AFTER UPDATE ON session_texts BEGIN INSERT INTO session_words (session_words, rowid, text) VALUES ('delete', old.number, old.text); INSERT INTO session_words (rowid, text) VALUES (new.number, new.text); END");
            migrationBuilder.Sql("INSERT INTO session_texts (session_id, text) SELECT id, lower(id || char(10) || coalesce(title, '') || char(10) || coalesce(\"user\", '')) FROM sessions");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER session_text_new");
            migrationBuilder.Sql("DROP TRIGGER session_text_changed");
            migrationBuilder.Sql("DROP TABLE session_words");

            migrationBuilder.DropTable(
                name: "session_texts");

            migrationBuilder.DropIndex(
                name: "IX_sessions_state_last_activity_at_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "IX_session_agents_agent_session_id",
                table: "session_agents");

            migrationBuilder.DropIndex(
                name: "IX_handoffs_agent_opened_at",
                table: "handoffs");

            migrationBuilder.DropIndex(
                name: "IX_handoffs_opened_at_id",
                table: "handoffs");

            migrationBuilder.DropIndex(
                name: "IX_audit_records_act_seq",
                table: "audit_records");

            migrationBuilder.DropIndex(
                name: "IX_audit_records_at",
                table: "audit_records");

            migrationBuilder.DropIndex(
                name: "IX_actions_requested_at_agent_type_currency",
                table: "actions");

            migrationBuilder.CreateIndex(
                name: "IX_sessions_state_last_activity_at",
                table: "sessions",
                columns: new[] { "state", "last_activity_at" });

            migrationBuilder.CreateIndex(
                name: "IX_session_agents_agent",
                table: "session_agents",
                column: "agent");

            migrationBuilder.CreateIndex(
                name: "IX_actions_requested_at",
                table: "actions",
                column: "requested_at");
        }
    }
}
