using Handrail.Ingest;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Store;

public sealed class WritePlanTests
{
    /// <summary>PostgreSQL 15 walks through a table of which it knows nothing yet when so many rows are asked for.</summary>
    private const string Plan = "SELECT id, team FROM sessions WHERE id = ANY (ARRAY(SELECT 's-' || n FROM generate_series(1, 500) AS n))";

    [Fact]
    public async Task On_PostgreSQL_a_write_looks_its_sessions_up_however_few_there_were_when_its_statements_were_prepared()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        await using var intake = await Intake.OpenAsync(DatabaseProvider.Postgres, writing: false);

        var written = await intake.Store.WriteAsync(unit => PlanAsync(unit.Db), default);
        var read = await intake.Store.ReadAsync(PlanAsync, default);

        Assert.Contains("PK_sessions", written);
        Assert.DoesNotContain("Seq Scan on sessions", written);
        Assert.Contains("Seq Scan on sessions", read);
    }

    private static async Task<string> PlanAsync(HandrailDb db) =>
        string.Join('\n', await db.Database.SqlQueryRaw<string>("EXPLAIN " + Plan).ToListAsync());
}
