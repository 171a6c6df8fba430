using Handrail.Access;
using Handrail.Host;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Policies;

/// <summary>What experience says of levels, and which limits it speaks for.</summary>
public sealed class ExperienceTests
{
    private static readonly DateTimeOffset Since = TimeProvider.System.GetUtcNow().AddDays(-1);

    [Theory, Databases]
    public async Task Shadow_is_compared_with_what_people_really_did(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", new { autonomy = "shadow", limits = new[] { new { type = "expense.approve", max_amount = 50, currency = "USD" } } });
        foreach (var (id, amount, truth) in new[] { ("a-1", 10m, "approve"), ("a-2", 20m, "reject"), ("a-3", 70m, "approve"), ("a-4", 30m, null) })
        {
            await AskAsync(host, id, amount, "Delta");
            if (truth is not null)
            {
                (await host.Agent.PostAsync($"/api/v1/sessions/s-1/actions/{id}/ground-truth", new { decision = truth })).Expect(200);
            }
        }

        var type = Assert.Single((await ReadAsync(host)).Types);

        Assert.Equal(("desk", "expense.approve", Autonomy.Shadow), (type.Agent, type.Type, type.Level));
        Assert.Equal(new Agreement(1, 1, 1), type.Shadow.Agreement);
        Assert.Equal(1, type.Shadow.Open);
        Assert.Equal(
            ["Allow Approved 1 10 USD", "Allow Rejected 1 20 USD", "Allow  1 30 USD", "Review Approved 1 70 USD"],
            type.Shadow.Cells.Select(c => $"{c.WouldBe} {c.People} {c.Count} {c.Amounts[0].Amount:0} {c.Amounts[0].Currency}"));
        Assert.Empty(type.Review.Cells);
        Assert.Null(type.Move);
    }

    [Theory, Databases]
    public async Task What_people_always_decide_as_policy_would_speaks_for_the_next_level_and_for_a_limit(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", new { autonomy = "suggest" });
        await Task.WhenAll(Enumerable.Range(1, 75).Select(async i =>
        {
            await AskAsync(host, $"a-{i}", i, "Delta");
            await DecideAsync(host, $"a-{i}", "approve");
        }));

        var reading = await ReadAsync(host);

        var type = Assert.Single(reading.Types);
        Assert.Equal(new Agreement(75, 0, 0), type.Review.Agreement);
        Assert.Equal((Autonomy.Suggest, Autonomy.Bounded, 75L), (type.Move!.From, type.Move.To, type.Move.Evidence.Agreed));
        Assert.Equal(["agent:desk"], type.Move.Scopes);
        Assert.Equal(["expense.approve/*/delta 75", "expense.approve/meals 75"], reading.Offers.Select(o => $"{o.Proposal.Limit.Key} {o.Proposal.Approved}"));
        Assert.Equal((75m, "USD"), (reading.Offers[0].Proposal.Limit.MaxAmount, reading.Offers[0].Proposal.Limit.Currency));

        Assert.InRange(reading.Offers[0].Proposal.Limit.Until!.Value.DayNumber - DateOnly.FromDateTime(Since.UtcDateTime).DayNumber, 90, 92);

        // What is offered can be published; then it goes by itself, and is offered no more.
        var draft = PolicyDocument.Parse("""{"autonomy":"bounded"}""").Document!.WithLimit(reading.Offers[0].Proposal.Limit);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", JsonText.Element(draft.ToJson())!.Value, ifMatch: "*")).Expect(200);
        Assert.Equal("allow", (await AskAsync(host, "b-1", 60, "Delta")).Text("verdict"));
        Assert.Equal("review", (await AskAsync(host, "b-2", 60, "Other")).Text("verdict"));
        Assert.Empty((await ReadAsync(host)).Offers);
    }

    [Theory, Databases]
    public async Task What_people_often_decide_otherwise_speaks_for_a_lower_level_of_the_agents_own_layer_and_for_no_limit(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "bounded" });
        await Task.WhenAll(Enumerable.Range(1, 24).Select(async i =>
        {
            await AskAsync(host, $"a-{i}", i, "Delta");
            await DecideAsync(host, $"a-{i}", i % 3 == 0 ? "reject" : "approve");
        }));

        var reading = await ReadAsync(host);

        var move = Assert.Single(reading.Types).Move!;
        Assert.Equal((Autonomy.Bounded, Autonomy.Suggest, new Agreement(16, 8, 0)), (move.From, move.To, move.Evidence));
        Assert.Equal(["agent:desk"], move.Scopes);
        Assert.Empty(reading.Offers);
    }

    [Fact]
    public async Task Experience_is_for_people_to_read()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var key = new Caller { Kind = CallerKind.AgentKey, Id = "k", Name = "k", Team = "default" };
        Assert.Equal(RefusalKind.NotAllowed, (await Assert.ThrowsAsync<Refusal>(() => host.Services<ExperienceQueries>().ReadAsync(key, Since, default))).Kind);
    }

    private static Task<ExperienceReading> ReadAsync(ConsoleHost host) => host.Services<ExperienceQueries>().ReadAsync(Caller.System, Since, default);

    private static async Task<Answer> AskAsync(ConsoleHost host, string id, decimal amount, string vendor) => (await host.Agent.PostAsync(
        "/api/v1/sessions/s-1/actions", new { action_id = id, agent = "desk", type = "expense.approve", amount, currency = "USD", vendor, category = "meals" })).Expect(200);

    private static async Task DecideAsync(ConsoleHost host, string action, string how)
    {
        var handoff = (await host.Agent.ReadAsync($"/api/v1/sessions/s-1/actions/{action}")).Text("handoff_id");
        (await host.Admin.PostAsync($"/api/v1/handoffs/{handoff}/{how}", new { reason = "as it is" })).Expect(200);
    }
}
