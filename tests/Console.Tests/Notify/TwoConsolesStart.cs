using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Notify;

/// <summary>Consoles that start together make the jobs' schema once.</summary>
public sealed class TwoConsolesStart
{
    [Fact]
    public async Task Two_consoles_that_start_at_once_on_an_empty_database_both_become_ready()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var cluster = await PrivatePostgres.SharedAsync();
        var database = await cluster.CreateDatabaseAsync();
        try
        {
            var settings = new ConsoleSettings { Provider = DatabaseProvider.Postgres, ConnectionString = database };
            var both = await Task.WhenAll(ConsoleProcess.StartAsync(settings), ConsoleProcess.StartAsync(settings));
            foreach (var console in both)
            {
                await using (console)
                {
                    Assert.DoesNotContain("Unhandled exception", console.Log, StringComparison.Ordinal);
                }
            }
        }
        finally
        {
            await cluster.DropAsync(database);
        }
    }
}
