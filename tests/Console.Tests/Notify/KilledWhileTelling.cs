using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Notify;

/// <summary>A console that dies in the middle of telling has told everything once it is back, and nothing more than twice.</summary>
public sealed class KilledWhileTelling
{
    private const int Handoffs = 12;

    [Theory, Databases]
    public async Task A_killed_console_loses_no_message_and_repeats_one_under_its_id_at_most_once(DatabaseProvider provider)
    {
        var (hold, half) = (new TaskCompletionSource(), new TaskCompletionSource());
        var count = 0;
        using var receiver = new HttpReceiver(async (_, response) =>
        {
            if (Interlocked.Increment(ref count) == Handoffs / 2)
            {
                // Taken, and not yet answered: the worst moment to die.
                half.SetResult();
                await hold.Task;
            }

            response.StatusCode = 200;
        });
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            Settings = new Dictionary<string, string> { ["Notify:AllowedNetworks"] = "127.0.0.0/8" },
        });
        var admin = console.AsAdministrator();
        var channel = await (await admin.PostAsJsonAsync("api/v1/notifications/channels", new { name = "Hook", kind = "webhook", url = receiver.Address })).Content.ReadAsStringAsync();
        var id = JsonText.Element(channel)!.Value.GetProperty("channel").GetProperty("id").GetString();
        (await admin.PostAsJsonAsync("api/v1/notifications/rules", new { name = "All", channel_id = id })).EnsureSuccessStatusCode();
        var agent = console.AsAgent();
        for (var i = 0; i < Handoffs; i++)
        {
            (await agent.PostAsJsonAsync($"api/v1/sessions/s-{i}/actions", new { action_id = "a-1", agent = "desk", type = "expense.approve" })).EnsureSuccessStatusCode();
        }

        await half.Task.WaitAsync(Eventually.Patience);
        await console.KillAsync();
        hold.SetResult();
        await console.StartAgainAsync();

        await Eventually.HoldsAsync("every handoff is told", () => receiver.All.Select(r => r.Id).Distinct().Count() == Handoffs);
        Assert.All(receiver.All.GroupBy(r => r.Id), told => Assert.InRange(told.Count(), 1, 2));
        Assert.Equal(1, receiver.All.GroupBy(r => r.Id).Count(told => told.Count() == 2));
    }
}
