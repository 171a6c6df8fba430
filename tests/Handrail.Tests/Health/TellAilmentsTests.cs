using System.Text.Json;
using Handrail.Notify;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Health;

/// <summary>People hear of what ails the console as they hear of everything else: once, and once more when it is over.</summary>
public sealed class TellAilmentsTests
{
    private static readonly Ailment Slow = new("ingest", "Telemetry in", "99 of 100 records are stored within 9.0 s");
    private static readonly Ailment Dead = new("dead_letters", "Messages given up", "7 within the last day.");

    [Theory, Databases]
    public async Task An_ailment_is_told_once_however_many_see_it_and_over_when_nobody_does(DatabaseProvider provider)
    {
        using var receiver = new HttpReceiver();
        await using var outbox = await Outbox.OpenAsync(provider);
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));
        await using var other = outbox.Beside();
        var (here, there) = (new TellAilments(outbox.Store), new TellAilments(other.Store));

        await Task.WhenAll(here.HandleAsync([Slow], default), there.HandleAsync([Slow], default));
        await here.HandleAsync([Slow, Dead], default);
        await outbox.WorkAsync();
        Assert.Equal(["The console: Messages given up", "The console: Telemetry in"], receiver.All.Select(Title).Order());
        Assert.All(receiver.All, r => Assert.Equal("console.unwell", r.Json.GetProperty("type").GetString()));

        // Here it is over; there it is not.
        for (var look = 0; look < 6; look++)
        {
            outbox.Time.Advance(TellAilments.Over / 4);
            await here.HandleAsync([Dead], default);
            await there.HandleAsync([Slow], default);
        }

        await outbox.WorkAsync();
        Assert.Equal(2, receiver.All.Count);
        Assert.Equal(AlertState.Open, (await outbox.AlertAsync("console:ingest")).State);

        outbox.Time.Advance(TellAilments.Over);
        await here.HandleAsync([Dead], default);
        await outbox.WorkAsync();
        Assert.Equal(AlertState.Resolved, (await outbox.AlertAsync("console:ingest")).State);
        Assert.Equal(AlertState.Open, (await outbox.AlertAsync("console:dead_letters")).State);
        Assert.Equal("alert.resolved", receiver.All[^1].Json.GetProperty("type").GetString());

        await there.HandleAsync([Slow], default);
        await outbox.WorkAsync();
        Assert.Equal((AlertState.Open, 4), ((await outbox.AlertAsync("console:ingest")).State, receiver.All.Count));
    }

    [Theory, Databases]
    public async Task Whoever_said_that_it_is_over_while_it_is_not_is_not_told_again(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        var tell = new TellAilments(outbox.Store);
        await tell.HandleAsync([Slow], default);
        await outbox.ResolveAsync("console:ingest");

        outbox.Time.Advance(TellAilments.Over / 2);
        await tell.HandleAsync([Slow], default);

        Assert.Equal(AlertState.Resolved, (await outbox.AlertAsync("console:ingest")).State);
    }

    private static string Title(Received received) => Titles(received.Json.GetProperty("data")).First();

    private static IEnumerable<string> Titles(JsonElement data) => data.EnumerateObject().Where(p => p.Name is "title" or "summary").Select(p => p.Value.GetString()!);
}
