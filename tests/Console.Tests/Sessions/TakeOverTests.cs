using System.Text.Json;
using Handrail.Handoffs;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Sessions;

/// <summary>A session in a person's hands: one person's, with words both ways, until it is handed back or ended.</summary>
public sealed class TakeOverTests
{
    [Theory, Databases]
    public async Task While_a_person_has_a_session_the_agent_is_held_and_words_go_both_ways(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var (anna, ben) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        var handoff = await host.Agent.PendingAsync("s-1");
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/messages", new { messages = new[] { new { id = "u-0", role = "user", text = "Hello" } } })).Expect(200);

        (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/take-over", new { note = "I know them" })).Expect(200);
        var hears = host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0&wait=30");
        Assert.Equal("take_over", (await hears).Expect(200)["commands"][0].GetProperty("kind").GetString());
        Assert.Equal(409, (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", HandoffCalls.Expense("a-2"))).Status);
        (await ben.Client.PostAsync("/api/v1/sessions/s-1/take-over", new { })).Expect(409);
        Assert.Contains(anna.Email, (await ben.Client.PostAsync("/api/v1/sessions/s-1/message", new { text = "me too" })).Expect(409).Text("detail"));
        (await ben.Client.PostAsync("/api/v1/sessions/s-1/hand-back", new { })).Expect(409);

        (await anna.Client.PostAsync("/api/v1/sessions/s-1/message", new { text = "One moment, I look it up", to = "user" })).Expect(200);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/messages", new { messages = new[] { new { id = "u-1", role = "user", text = "Thank you" } } })).Expect(200);
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/message", new { text = "Their limit is 50", to = "agent" })).Expect(200);
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/message", new { text = "x", to = "nobody" })).Expect(400);
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/hand-back", new { note = "Go on with 40" })).Expect(200);

        var commands = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Expect(200)["commands"].EnumerateArray().ToList();
        Assert.Equal(["take_over", "message", "message", "hand_back"], commands.ConvertAll(c => c.GetProperty("kind").GetString()));
        Assert.Equal([("user", "One moment, I look it up"), ("agent", "Their limit is 50")], commands.GetRange(1, 2).ConvertAll(c => (Payload(c, "to"), Payload(c, "text"))));
        Assert.Equal("Go on with 40", Payload(commands[3], "note"));
        Assert.Equal(
            [("operator", "One moment, I look it up"), ("user", "Thank you"), ("operator", "Their limit is 50")],
            commands[3].GetProperty("payload").GetProperty("messages").EnumerateArray().Select(m => (m.GetProperty("role").GetString(), m.GetProperty("text").GetString())));

        // What the person did is part of the session.
        var said = await host.Services<SessionQueries>().TranscriptAsync(Access.Caller.System, "s-1", null, 10, default);
        Assert.Equal([(null, null), (anna.Email, "user"), (null, null), (anna.Email, "agent")], said.Select(l => (l.By, l.To)));
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", HandoffCalls.Expense("a-2"))).Expect(200);
    }

    [Theory, Databases]
    public async Task The_queue_shows_who_has_a_session_until_it_is_handed_back(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var anna = await host.PersonAsync("Reviewer");
        await host.Agent.PendingAsync("s-1");
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/take-over", new { reason = "angry customer" })).Expect(200);

        var open = Assert.Single((await anna.Client.ReadAsync("/api/v1/handoffs?status=open&kind=take_over")).Expect(200)["items"].EnumerateArray());
        Assert.Equal((anna.Email, "angry customer", "s-1"), (open.GetProperty("claimed_by").GetString(), open.GetProperty("detail").GetString(), open.GetProperty("session_id").GetString()));
        var id = open.GetProperty("handoff_id").GetString();
        foreach (var (verb, body) in new (string, object)[] { ("approve", new { }), ("reject", new { reason = "x" }), ("answer", new { answer = 1 }), ("take-over", new { }), ("claim", new { }) })
        {
            (await anna.Client.PostAsync($"/api/v1/handoffs/{id}/{verb}", body)).Expect(409);
        }

        // Nobody waits over it: the fleet's figures leave it out.
        var fleet = await host.Services<FleetQueries>().ReadAsync(Access.Caller.System, TimeProvider.System.GetUtcNow().AddDays(-1), default);
        Assert.Equal((0, 0), (fleet.OpenHandoffs, fleet.OpenSamples));
        Assert.Equal(0, (await anna.Client.ReadAsync("/api/v1/sessions/s-1")).Expect(200)["open_handoffs"].GetInt32());

        (await anna.Client.PostAsync("/api/v1/sessions/s-1/hand-back", new { note = "calm again" })).Expect(200);
        var closed = (await anna.Client.ReadAsync($"/api/v1/handoffs/{id}")).Expect(200);
        Assert.Equal(("resolved", anna.Email, "calm again"), (closed.Text("status"), closed.Text("decided_by"), closed.Text("note")));
        var feedback = (await host.Agent.ReadAsync("/api/v1/agents/desk/feedback")).Expect(200)["items"].EnumerateArray().Single();
        Assert.Equal(("taken_over", "calm again"), (feedback.GetProperty("decision").GetString(), feedback.GetProperty("note").GetString()));
    }

    [Theory, Databases]
    public async Task A_person_who_is_gone_keeps_nobody_off_and_the_agent_is_held_all_the_same(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        var (anna, ben) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        await host.Agent.PendingAsync("s-1");
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/take-over", new { })).Expect(200);
        time.Advance(TakeOverLease.Length - TimeSpan.FromMinutes(1));
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/message", new { text = "still here", to = "user" })).Expect(200);
        time.Advance(TakeOverLease.Length - TimeSpan.FromMinutes(1));
        (await ben.Client.PostAsync("/api/v1/sessions/s-1/take-over", new { })).Expect(409);

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(409, (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", HandoffCalls.Expense("a-2"))).Status);
        (await ben.Client.PostAsync("/api/v1/sessions/s-1/take-over", new { })).Expect(200);
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/message", new { text = "back", to = "user" })).Expect(409);
        Assert.Equal(ben.Email, (await ben.Client.ReadAsync("/api/v1/handoffs?status=open&kind=take_over")).Expect(200)["items"][0].GetProperty("claimed_by").GetString());
        (await ben.Client.PostAsync("/api/v1/sessions/s-1/hand-back", new { })).Expect(200);
        Assert.Empty((await ben.Client.ReadAsync("/api/v1/handoffs?status=open&kind=take_over")).Expect(200)["items"].EnumerateArray());
    }

    [Theory, Databases]
    public async Task Who_has_a_session_may_end_it_and_the_agent_does_nothing_more_in_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var (anna, ben, viewer) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"), await host.PersonAsync("Viewer"));
        await host.Agent.PendingAsync("s-1");
        var end = new { outcome = "completed", summary = "Refunded by hand" };
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/end", end)).Expect(409);
        (await anna.Client.PostAsync("/api/v1/sessions/s-1/take-over", new { })).Expect(200);
        (await ben.Client.PostAsync("/api/v1/sessions/s-1/end", end)).Expect(409);
        (await viewer.Client.PostAsync("/api/v1/sessions/s-1/end", end)).Expect(403);
        (await host.Anonymous.PostAsync("/api/v1/sessions/s-1/end", end)).Expect(401);

        var ended = (await anna.Client.PostAsync("/api/v1/sessions/s-1/end", end)).Expect(200);

        Assert.Equal(("stopped", "completed", "Refunded by hand"), (ended.Text("state"), ended.Text("outcome"), ended.Text("summary")));
        Assert.Equal("stop", (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", HandoffCalls.Expense("a-2"))).Expect(200).Text("verdict"));
        var last = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Expect(200)["commands"].EnumerateArray().Last();
        Assert.Equal(("stop", "completed"), (last.GetProperty("kind").GetString(), Payload(last, "outcome")));
        Assert.Empty((await anna.Client.ReadAsync("/api/v1/handoffs?status=open")).Expect(200)["items"].EnumerateArray());
    }

    private static string? Payload(JsonElement command, string member) => command.GetProperty("payload").GetProperty(member).GetString();
}
