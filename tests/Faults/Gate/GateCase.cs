using Handrail.Host;

namespace Handrail.Faults.Gate;

/// <summary>A question of which it is known what the policy says: by how it was made, and not by asking the product.</summary>
/// <param name="Says">The verdict; <c>held</c> where nothing is decided, <c>nobody</c> where the key is none.</param>
/// <param name="Agent">Who asks.</param>
internal sealed record GateCase(string Name, string Says, string Agent = "desk")
{
    /// <summary>What makes the policy say so, done in the session before it is asked.</summary>
    public Func<GateFleet, string, Task>? Before { get; init; }

    public string Type { get; init; } = "expense.approve";

    public decimal Amount { get; init; } = 10m;

    public string? User { get; init; }

    public string Vendor { get; init; } = "Blue Door Cafe";

    public bool Revoked { get; init; }

    public object Question(string action) => new
    {
        action_id = action,
        agent = Agent,
        type = Type,
        amount = Amount,
        currency = "USD",
        vendor = Vendor,
        user = User,
        risk = "irreversible",
        arguments = new { expense_id = action, approved_amount = Amount },
    };

    public static IReadOnlyList<GateCase> All { get; } =
    [
        new("within the limit", "allow"),
        new("within the limit, of a session that is known", "allow") { Before = (fleet, session) => fleet.AskAsync(session, "a-0", 20m) },
        new("over the limit", "review") { Amount = 80m },
        new("nothing left of the total", "review") { Amount = 20m, Before = (fleet, session) => fleet.SpendAsync(session) },
        new("forbidden by a rule", "deny") { Vendor = "Evil Ltd" },
        new("only suggested", "review", "clerk"),
        new("only watched", "shadow", "watched"),
        new("switched off", "deny") { Type = "mail.send" },
        new("without a user", "deny", "personal"),
        new("for a user without the data", "deny", "personal") { User = "stranger@example.com" },
        new("stopped session", "stop") { Before = (fleet, session) => fleet.OrderAsync(session, "stop") },
        new("paused session", "held") { Before = (fleet, session) => fleet.OrderAsync(session, "pause") },
        new("session in a person's hands", "held") { Before = (fleet, session) => fleet.OrderAsync(session, "take-over") },
        new("stopped agent", "stop", "stopped"),
        new("paused agent", "held", "paused"),
        new("tripped breaker", "stop") { Before = (fleet, session) => fleet.TripAsync(session) },
        new("revoked key", "nobody") { Revoked = true },
    ];
}

/// <summary>The agents, the policies and the people's orders that the cases stand in.</summary>
internal sealed class GateFleet(ConsoleHost host)
{
    private const decimal Spends = 25m;

    public HttpClient Revoked { get; private set; } = null!;

    public async Task PrepareAsync()
    {
        await host.FleetPolicyAsync(Bounded);
        await OwnAsync("clerk", new { autonomy = "suggest" });
        await OwnAsync("watched", new { autonomy = "shadow" });
        foreach (var agent in new[] { "desk", "personal", "stopped", "paused" })
        {
            await OwnAsync(agent, new { autonomy = "autonomous" });
        }

        foreach (var agent in new[] { "stopped", "paused" })
        {
            (await host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/agents/{agent}", new { description = agent })).Expect(200);
        }

        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/personal", new { requires_user = true, data_scopes = new[] { "claims" } })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/agents/stopped/stop", new { reason = "no" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/agents/paused/pause", new { reason = "wait" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { type = "mail.send", reason = "phishing" })).Expect(200);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "leaked" })).Expect(200, 201);
        Revoked = host.Client(key.Text("key"));
        (await Revoked.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{key.Text("id")}", null)).Expect(200, 204);
    }

    /// <summary>What goes by itself: 25 USD at once, 60 in a session, to nobody evil.</summary>
    public static object Bounded { get; } = new
    {
        autonomy = "bounded",
        limits = new object[] { new { type = "expense.approve", max_amount = 25, currency = "USD", max_total = 60, per = "session" } },
        rules = new object[] { new { id = "no-evil", when = new { field = "vendor", op = "eq", value = "Evil Ltd" }, then = "deny" } },
        breakers = new object[] { new { id = "denied", scope = "session", metric = "denied_actions", limit = 2, then = "stop" } },
    };

    public async Task OwnAsync(string agent, object policy) =>
        (await host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/agents/{agent}/policy/own", policy, ifMatch: "*")).Expect(200);

    public async Task AskAsync(string session, string action, decimal amount) =>
        Assert.Equal("allow", (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "allow") { Amount = amount }.Question(action))).Expect(200).Text("verdict"));

    public async Task SpendAsync(string session)
    {
        await AskAsync(session, "spent-1", Spends);
        await AskAsync(session, "spent-2", Spends);
    }

    public async Task OrderAsync(string session, string order)
    {
        await AskAsync(session, "before", 1m);
        (await host.Admin.PostAsync($"/api/v1/sessions/{session}/{order}", new { reason = "a look" })).Expect(200);
    }

    public async Task TripAsync(string session)
    {
        for (var i = 0; i < 3; i++)
        {
            (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "deny") { Vendor = "Evil Ltd" }.Question($"denied-{i}"))).Expect(200);
        }
    }
}
