using Handrail.Ingest;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Breakers;

/// <summary>Many sessions' breakers are looked at together, and each stands by itself.</summary>
public sealed class LookingAtManyTests
{
    private const string Sqlite = "CREATE TRIGGER fault BEFORE INSERT ON breaker_trips WHEN NEW.session_id = 's-1' BEGIN SELECT RAISE(ABORT, 'fault'); END";

    private const string Postgres =
        """
        CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.session_id = 's-1' THEN RAISE EXCEPTION 'fault'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER fault BEFORE INSERT ON breaker_trips FOR EACH ROW EXECUTE FUNCTION fault();
        """;

    [Theory, Databases]
    public async Task One_that_cannot_be_stopped_keeps_no_other_from_it_and_is_tried_again(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await RunAsync(intake, provider == DatabaseProvider.Sqlite ? Sqlite : Postgres);
        for (var session = 1; session <= 3; session++)
        {
            var trace = $"{session:x32}";
            await intake.SendAsync([.. BreakerTests.Loop(0, 12).Select(s => s with { TraceId = trace, SessionId = $"s-{session}" })]);
        }

        await Assert.ThrowsAsync<AggregateException>(intake.LookAsync);
        Assert.Equal(["s-2", "s-3"], await TrippedAsync(intake));

        await RunAsync(intake, provider == DatabaseProvider.Sqlite ? "DROP TRIGGER fault" : "DROP TRIGGER fault ON breaker_trips");
        await intake.LookAsync();
        Assert.Equal(["s-1", "s-2", "s-3"], await TrippedAsync(intake));
    }

    private static async Task<List<string>> TrippedAsync(Intake intake) => [.. (await BreakerTests.TripsAsync(intake)).Select(t => t.SessionId).Order(StringComparer.Ordinal)];

    private static Task RunAsync(Intake intake, string sql) => intake.ReadAsync(async db => await db.Database.ExecuteSqlRawAsync(sql));
}
