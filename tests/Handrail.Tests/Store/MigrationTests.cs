using Handrail.Actions;
using Handrail.Handoffs;
using Handrail.Policy;
using Handrail.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Store;

public sealed class MigrationTests
{
    [Theory, Databases]
    public async Task The_migrations_make_the_model_and_nothing_is_left_to_migrate(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var db = Open(database);

        Assert.NotEmpty(await db.Database.GetAppliedMigrationsAsync());
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.False(db.Database.HasPendingModelChanges(), "The model changed and no migration says so: run migrations/add NAME.");
    }

    [Theory, Databases]
    public async Task A_database_is_brought_up_to_date_from_nothing_and_left_as_it_is_from_then_on(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using (var db = Open(database))
        {
            await db.Database.EnsureDeletedAsync();
        }

        await MigrateAsync(database);
        await using (var db = Open(database))
        {
            db.Settings.Add(new Setting { Key = "kept", Json = "1", ChangedBy = "kim" });
            await db.SaveChangesAsync();
        }

        await MigrateAsync(database);
        await using var after = Open(database);
        Assert.Empty(await after.Database.GetPendingMigrationsAsync());
        Assert.Equal("1", (await after.Settings.SingleAsync(s => s.Key == "kept")).Json);
    }

    /// <summary>A backup is no write-ahead log, and the first connection to look at it only reads.</summary>
    [Fact]
    public async Task A_file_as_a_backup_leaves_it_is_started_on()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using (var connection = new SqliteConnection(database.ConnectionString + ";Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=DELETE";
            Assert.Equal("delete", await command.ExecuteScalarAsync());
        }

        await MigrateAsync(database);
    }

    [Theory, Databases]
    public async Task Every_test_gets_a_database_that_no_other_test_wrote_to(DatabaseProvider provider)
    {
        await using var one = await TestDatabase.CreateAsync(provider);
        await using var other = await TestDatabase.CreateAsync(provider);

        Assert.NotEqual(one.ConnectionString, other.ConnectionString);
    }

    [Theory, Databases]
    public async Task Steps_of_an_older_version_are_found_again_under_the_day_they_came_in(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var db = Open(database);
        var migrator = db.GetService<IMigrator>();
        await migrator.MigrateAsync("Senders");
        var (at, no) = provider == DatabaseProvider.Sqlite ? ("1761998400000000", "0") : ("'2025-11-01 12:00:00+00'", "false");
        foreach (var statement in new[]
        {
            $"INSERT INTO traces (trace_id, team, session_id, steps) VALUES ('t', 'ops', 's', 1)",
            $"INSERT INTO steps (trace_id, span_id, session_id, kind, name, started_at, ended_at, received_at, failed, counts, counts_cost, telling) VALUES ('t', 'p', 's', 0, 'chat', {at}, {at}, {at}, {no}, {no}, {no}, 0)",
            "INSERT INTO step_contents (trace_id, span_id, body) VALUES ('t', 'p', '')",
            $"INSERT INTO hourly_costs (hour, agent, source, cost_nanos, input_tokens, output_tokens, calls) VALUES ({at}, 'desk', 'tool:search', 5, 0, 0, 1), ({at}, 'desk', 'llama:8b', 6, 0, 0, 1)",
        })
        {
#pragma warning disable EF1002 // Written here.
            await db.Database.ExecuteSqlRawAsync(statement);
#pragma warning restore EF1002
        }

        await db.Database.MigrateAsync();

        var step = await db.Steps.SingleAsync();
        Assert.Equal(step.ReceivedAt, (await db.StepContents.SingleAsync()).ReceivedAt);
        Assert.Equal((step.ReceivedAt, step.ReceivedAt), await db.Traces.Select(t => new ValueTuple<DateTimeOffset, DateTimeOffset>(t.FirstReceivedAt, t.LastReceivedAt)).SingleAsync());
        Assert.Equal(["model llama:8b", "tool search"], await db.HourlyCosts.OrderBy(h => h.Kind).Select(h => h.Kind + " " + h.Source).ToListAsync());
        await migrator.MigrateAsync("Senders");
        await db.Database.MigrateAsync();
        Assert.Equal("p", (await db.Steps.AsNoTracking().SingleAsync()).SpanId);
    }

    [Theory, Databases]
    public async Task Of_an_older_version_s_actions_it_is_known_what_people_said_here_and_outside(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using (var db = Open(database))
        {
            db.AddRange(
                Decided("approved", HandoffStatus.Approved), Decided("rejected", HandoffStatus.Rejected), Decided("taken-over", HandoffStatus.TakenOver),
                Decided("expired", HandoffStatus.Expired), Decided("told", HandoffStatus.Rejected));
            db.AddRange(
                Asked("approved"), Asked("edited", "approved"), Asked("rejected"), Asked("taken-over"), Asked("expired"), Asked("told"), Asked("hostile", null), Asked("unsaid", null));
            await db.SaveChangesAsync();
            await db.GetService<IMigrator>().MigrateAsync("Growth");
            await db.Database.ExecuteSqlAsync($"UPDATE actions SET edited = {true} WHERE action_id = 'edited'");
            foreach (var (action, said) in new[]
            {
                ("told", """{"by":"kim","arguments":{"decision":"reject","note":null},"decision":"edit","note":"caf\u00e9"}"""),
                ("hostile", """{"decision":"approve","arguments":{"zero":"a\u0000b","half":"\ud800","far":1e400,"path":"C:\\u0000"},"by":"kim"}"""),
            })
            {
                await db.Database.ExecuteSqlAsync($"UPDATE actions SET ground_truth_json = {said} WHERE action_id = {action}");
            }

            await db.Database.MigrateAsync();
        }

        await using var after = Open(database);
        var actions = await after.Actions.ToDictionaryAsync(a => a.ActionId);

        Assert.Equal(
            [
                ("approved", PeopleDecision.Approved), ("edited", PeopleDecision.Edited), ("expired", null), ("hostile", PeopleDecision.Approved),
                ("rejected", PeopleDecision.Rejected), ("taken-over", PeopleDecision.Rejected), ("told", PeopleDecision.Edited), ("unsaid", null),
            ],
            actions.Values.Select(a => (a.ActionId, a.People)).OrderBy(a => a.ActionId, StringComparer.Ordinal));
        Assert.All(actions.Values, a => Assert.Equal("external", a.StatedRisk));
        var told = ActionAnswer.Of(actions["told"]).GroundTruth!;
        Assert.Equal((PeopleDecision.Edited, "kim", "café"), (told.Decision, told.By, told.Note));
        Assert.Equal("reject", told.Arguments!.Value.GetProperty("decision").GetString());
        var hostile = ActionAnswer.Of(actions["hostile"]).GroundTruth!;
        Assert.Equal((PeopleDecision.Approved, "kim"), (hostile.Decision, hostile.By));
        Assert.Equal("1e400", hostile.Arguments!.Value.GetProperty("far").GetRawText());

        static Handoff Decided(string id, HandoffStatus status) => new() { Id = id, Team = "ops", SessionId = "s", Agent = "desk", ReasonsJson = "[]", Status = status };

        static GatedAction Asked(string id, string? handoff = "") => new()
        {
            SessionId = "s",
            ActionId = id,
            Digest = "",
            Team = "ops",
            Agent = "desk",
            Type = "t",
            Risk = "external",
            ReasonsJson = "[]",
            PolicyVersion = "1.0",
            FactsJson = "{}",
            HandoffId = handoff == "" ? id : handoff,
        };
    }

    /// <summary>As the start of a console does.</summary>
    private static async Task MigrateAsync(TestDatabase database)
    {
        await using var services = new ServiceCollection().AddHandrailStore(database.Settings).BuildServiceProvider();
        var migration = services.GetRequiredService<DatabaseMigration>();
        await migration.RunAsync(CancellationToken.None);
        Assert.True(migration.Done);
    }

    private static HandrailDb Open(TestDatabase database)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, database.Settings);
        return new HandrailDb(options.Options);
    }
}
