using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Npgsql;

namespace Handrail.Sessions;

/// <summary>
/// Orders to many sessions and telemetry of many meet on the same rows. Who takes them in another order than the others can wait
/// for a deadlock to be found, and PostgreSQL looks for one only after a second: too long for an order.
/// </summary>
public sealed class LockOrderTests
{
    [Theory]
    [InlineData("/api/v1/fleet/pause")]
    [InlineData("/api/v1/fleet/stop")]
    [InlineData("/api/v1/agents/desk/pause")]
    [InlineData("/api/v1/agents/desk/stop")]
    public async Task An_order_takes_its_sessions_in_the_order_of_their_ids_as_telemetry_does(string order)
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Postgres);

        // The other way round, so that what is looked at row by row meets the last first.
        foreach (var session in new[] { "s-900", "s-500", "s-100" })
        {
            (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls(session, "desk"))).Expect(200);
        }

        Task<Answer> answer;
        await using (await HeldDatabase.HoldAsync(host.Services<StoreSettings>(), "SELECT 1 FROM sessions WHERE id = 's-500' FOR UPDATE"))
        {
            answer = host.Admin.PostAsync(order, new { reason = "look" });
            await Eventually.HoldsAsync("the order has taken s-100 and waits for s-500", async () => await IsTakenAsync(host, "s-100"));

            Assert.False(await IsTakenAsync(host, "s-900"));
        }

        (await answer).Expect(200, 202);
    }

    private static async Task<bool> IsTakenAsync(ConsoleHost host, string session)
    {
        await using var connection = new NpgsqlConnection(host.Services<StoreSettings>().ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("SELECT 1 FROM sessions WHERE id = $1 FOR UPDATE NOWAIT", connection) { Parameters = { new NpgsqlParameter { Value = session } } };
        try
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            return false;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return true;
        }
    }
}
