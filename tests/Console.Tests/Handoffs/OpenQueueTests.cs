using Handrail.Access;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>The queue in memory is what the database has, whatever comes, is claimed, moves up and is decided.</summary>
public sealed class OpenQueueTests
{
    [Theory, Databases]
    public async Task Every_change_is_in_the_next_reading_and_rows_that_did_not_change_are_the_same(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var queue = host.Services<OpenQueue>();
        var (small, large) = (await host.Agent.PendingAsync("s-1", amount: 10), await host.Agent.PendingAsync("s-2", amount: 500));
        var first = await queue.ReadAsync(Caller.System, default);
        Assert.Equal([large, small], first.Rows.Select(r => r.Id));

        (await host.Admin.PostAsync($"/api/v1/handoffs/{small}/claim", new { })).Expect(200);
        var middle = await host.Agent.PendingAsync("s-3", amount: 100);
        var second = await queue.ReadAsync(Caller.System, default);
        Assert.Equal([large, middle, small], second.Rows.Select(r => r.Id));
        Assert.Equal(Access.Bootstrap.AdminEmail, second.ById[small].Claimer(TimeProvider.System.GetUtcNow()));
        Assert.Same(first.ById[large], second.ById[large]);

        (await host.Admin.RejectAsync(large)).Expect(200);
        var third = await queue.ReadAsync(Caller.System, default);
        Assert.Equal([middle, small], third.Rows.Select(r => r.Id));
        Assert.Equal(HandoffStatus.Rejected, third.Closed[large].Status);
        Assert.Equal((2, 2), (third.Waiting, third.ById.Count));

        // What nobody told is found by a look of its own.
        await host.Services<HandrailStore>().WriteAsync(
            unit => unit.Db.Handoffs.Where(h => h.Id == middle).ExecuteUpdateAsync(set => set.SetProperty(h => h.Vendor, "Another")), default);
        await Eventually.HoldsAsync("it is seen", async () => (await queue.ReadAsync(Caller.System, default)).ById[middle].Vendor == "Another");
    }

    [Theory, Databases]
    public async Task While_many_ask_and_decide_at_once_the_queue_ends_as_the_database(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var queue = host.Services<OpenQueue>();
        using var over = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                var read = await queue.ReadAsync(Caller.System, default);
                Assert.Equal(read.Rows.Select(r => r.Id).Order(StringComparer.Ordinal), read.ById.Keys.Order(StringComparer.Ordinal));
                Assert.Equal(read.Rows.Order(Urgency.First).Select(r => r.Id), read.Rows.Select(r => r.Id));
            }
        });
        await Parallel.ForEachAsync(Enumerable.Range(0, 120), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var handoff = await host.Agent.PendingAsync($"s-{i}", amount: 10 + (i * 7 % 300));
            if (i % 3 != 0)
            {
                (await (i % 3 == 1 ? host.Admin.ApproveAsync(handoff) : host.Admin.RejectAsync(handoff))).Expect(200);
            }
        });

        var open = (await host.Admin.ReadAsync("/api/v1/handoffs?status=open&limit=200")).Expect(200)["items"].EnumerateArray().Select(h => h.GetProperty("handoff_id").GetString()!).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(open, (await queue.ReadAsync(Caller.System, default)).Rows.Select(r => r.Id).Order(StringComparer.Ordinal));
        await over.CancelAsync();
        await reading;
    }
}
