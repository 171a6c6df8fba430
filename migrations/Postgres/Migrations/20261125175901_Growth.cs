using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Handrail.Migrations.Postgres.Migrations
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
                    number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    session_id = table.Column<string>(type: "text", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false)
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

            // Kept by the database: with each of a session's steps its row is written, and an index of every three letters must not be.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION session_text() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO session_texts (session_id, text) VALUES (NEW.id, lower(NEW.id || E'\n' || coalesce(NEW.title, '') || E'\n' || coalesce(NEW."user", '')))
                    ON CONFLICT (session_id) DO UPDATE SET text = excluded.text;
                    RETURN NULL;
                END $$
                """);
            migrationBuilder.Sql("CREATE TRIGGER session_text_new AFTER INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION session_text()");
            migrationBuilder.Sql("CREATE TRIGGER session_text_changed AFTER UPDATE ON sessions FOR EACH ROW WHEN (OLD.title IS DISTINCT FROM NEW.title OR OLD.\"user\" IS DISTINCT FROM NEW.\"user\") EXECUTE FUNCTION session_text()");
            migrationBuilder.Sql("INSERT INTO session_texts (session_id, text) SELECT id, lower(id || E'\n' || coalesce(title, '') || E'\n' || coalesce(\"user\", '')) FROM sessions");

            // The extension comes with PostgreSQL, mostly. Without it, or the right to it, a text is looked for in every session's.
            migrationBuilder.Sql(
                """
                DO $$
                BEGIN
                    CREATE EXTENSION IF NOT EXISTS pg_trgm;
                    CREATE INDEX "IX_session_texts_text" ON session_texts USING gin (text gin_trgm_ops);
                EXCEPTION WHEN OTHERS THEN
                    RAISE WARNING 'Sessions are found by text without an index: %', SQLERRM;
                END $$
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER session_text_new ON sessions");
            migrationBuilder.Sql("DROP TRIGGER session_text_changed ON sessions");
            migrationBuilder.Sql("DROP FUNCTION session_text()");

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
