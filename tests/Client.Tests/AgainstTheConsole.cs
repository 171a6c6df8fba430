using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>The client and the console that is shipped, as processes of their own.</summary>
public sealed class AgainstTheConsole
{
    private static readonly JsonObject Bounded = JsonNode.Parse("""
        {"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD","min_confidence":0.8}],
         "rules":[{"id":"blocked","name":"Blocked vendors","applies_to":["expense.*"],
                   "when":{"all":[{"field":"vendor","op":"in","value":["Casino Royale"]}]},"then":"deny","message":"Blocked by Finance"}]}
        """)!.AsObject();

    [Theory, Databases]
    public async Task An_agent_is_let_go_refused_and_decided_by_a_person(DatabaseProvider provider)
    {
        await using var console = await StartAsync(provider);
        await using var client = Client(console);
        await using var session = await client.OpenSessionAsync("s-1", "u-42", "Lunch receipts");

        var inside = await session.RequestAsync(Expense(20m));
        var blocked = await session.RequestAsync(Expense(20m) with { Vendor = "Casino Royale" });
        var asking = session.RequestAsync(Expense(80m) with { ActionId = "a-80" });
        var handoff = await OpenHandoffAsync(console);
        await PostAsync(console, $"/api/v1/handoffs/{handoff}/approve", """{"arguments":{"expense_id":"e-9","approved_amount":60.5},"amount":60.5,"note":"Without the tip"}""");
        var edited = await asking;

        Assert.True(inside is { Proceed: true, Verdict: ActionVerdict.Allow, Status: ActionStatus.Allowed, Amount: 20m });
        Assert.True(blocked is { Proceed: false, Verdict: ActionVerdict.Deny, Status: ActionStatus.Denied });
        Assert.Equal("Blocked by Finance", blocked.Reasons[0].Text);
        Assert.True(edited is { Proceed: true, Edited: true, Status: ActionStatus.Approved, Amount: 60.5m, Note: "Without the tip" });
        Assert.Equal(60.5m, (decimal?)edited.Arguments!["approved_amount"]);
        Assert.NotNull(edited.DecidedBy);
        await session.ReportResultAsync("a-80", succeeded: true, output: new JsonObject { ["posted"] = true });
        await Assert.ThrowsAsync<ActionConflictException>(() => session.RequestAsync(Expense(81m) with { ActionId = "a-80" }));
    }

    [Theory, Databases]
    public async Task The_wait_for_a_person_survives_a_crash_of_the_console(DatabaseProvider provider)
    {
        await using var console = await StartAsync(provider);
        await using var client = Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var asking = session.RequestAsync(Expense(80m));
        var handoff = await OpenHandoffAsync(console);

        await console.KillAsync();
        await console.StartAgainAsync();
        await PostAsync(console, $"/api/v1/handoffs/{handoff}/approve", "{}");

        Assert.True((await asking).Proceed);
    }

    [Theory, Databases]
    public async Task A_stop_reaches_the_agent_ends_its_wait_and_is_acknowledged(DatabaseProvider provider)
    {
        await using var console = await StartAsync(provider);
        await using var client = Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var asking = session.RequestAsync(Expense(80m));
        await OpenHandoffAsync(console);

        await PostAsync(console, "/api/v1/sessions/s-1/stop", """{"reason":"Runs away"}""");

        Assert.False((await asking).Proceed);
        Assert.True(session.Stopped.IsCancellationRequested);
        await Eventually.HoldsAsync("the console knows that the stop was obeyed", async () =>
            (string?)(await GetAsync(console, "/api/v1/sessions/s-1"))["state"] == "stopped");
    }

    [Theory, Databases]
    public async Task A_paused_agent_holds_its_question_until_it_is_resumed(DatabaseProvider provider)
    {
        await using var console = await StartAsync(provider);
        await using var client = Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        await PostAsync(console, "/api/v1/agents/expense-approver/pause", """{"reason":"Month end"}""");
        await Eventually.HoldsAsync("the pause is heard", () => session.IsPaused);

        var asking = session.RequestAsync(Expense(20m));
        Assert.False(asking.IsCompleted);
        await PostAsync(console, "/api/v1/agents/expense-approver/resume", """{"reason":"Done"}""");

        Assert.True((await asking).Proceed);
    }

    [Theory, Databases]
    public async Task A_new_policy_is_heard_of_and_rules_the_next_question(DatabaseProvider provider)
    {
        await using var console = await StartAsync(provider);
        await using var client = Client(console);
        var heard = new TaskCompletionSource<AgentPolicy>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = await client.GetPolicyAsync();
        client.PolicyChanged += (_, policy) => heard.TrySetResult(policy);
        await using var session = await client.OpenSessionAsync("s-1");

        await PublishAsync(console, "/api/v1/agents/expense-approver/policy/own", new JsonObject { ["autonomy"] = "off" });

        var next = await heard.Task.WaitAsync(Eventually.Patience);
        Assert.NotEqual(first.Version, next.Version);
        var decision = await session.RequestAsync(Expense(20m));
        Assert.False(decision.Proceed);
        Assert.Equal(next.Version, decision.PolicyVersion);
    }

    [Theory, Databases]
    public async Task A_person_answers_the_agents_question(DatabaseProvider provider)
    {
        await using var console = await StartAsync(provider);
        await using var client = Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var asking = session.AskPersonAsync(new() { Summary = "Refund after 41 days?", Options = [new("yes", "Refund"), new("no", "Decline")] });
        var handoff = await OpenHandoffAsync(console);
        await PostAsync(console, $"/api/v1/handoffs/{handoff}/answer", """{"answer":{"choice":"no"}}""");

        var answer = await asking;
        Assert.True(answer.Answered);
        Assert.Equal("no", (string?)answer.Answer!["choice"]);
        Assert.NotNull(answer.DecidedBy);
    }

    [Theory, Databases]
    public async Task Costs_and_the_end_are_on_the_session(DatabaseProvider provider)
    {
        await using var console = await StartAsync(provider);
        await using var client = Client(console);
        await using var session = await client.OpenSessionAsync("s-1", "u-42", "Lunch receipts");

        var cost = new CostEvent { Id = "c-1", Kind = CostKind.Tool, Name = "receipt-ocr", Amount = 0.25m };
        await session.AddCostAsync(cost);
        var again = await session.AddCostsAsync([cost]);
        await session.EndAsync(SessionOutcome.Completed, "Done", new Money(20m, "USD"), new ProducedUnits("expense", 1));

        Assert.Equal((0, 1), (again.Accepted, again.Duplicates));
        var read = await GetAsync(console, "/api/v1/sessions/s-1");
        Assert.Equal(("completed", "u-42", 0.25m), ((string?)read["state"], (string?)read["user"], (decimal?)read["cost_usd"]));
    }

    [Theory, Databases]
    public async Task Whoever_carries_an_action_out_verifies_its_grant_and_redeems_it_once(DatabaseProvider provider)
    {
        await using var console = await StartAsync(provider);
        await using var client = Client(console);
        await using var session = await client.OpenSessionAsync("s-1", "u-42", "Lunch receipts");
        var decision = await session.RequestAsync(Expense(20m));
        using var verifier = new GrantVerifier(new GrantVerifierOptions { Endpoint = console.Address, ApiKey = ConsoleProcess.AgentKey });
        using var arguments = System.Text.Json.JsonDocument.Parse(decision.Arguments!.ToJsonString());
        using var others = System.Text.Json.JsonDocument.Parse("""{"expense_id":"e-9","approved_amount":2000}""");

        await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.RedeemAsync(decision.Grant!, "expense.approve", others.RootElement));
        var covered = await verifier.RedeemAsync(decision.Grant!, "expense.approve", arguments.RootElement);
        await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.RedeemAsync(decision.Grant!, "expense.approve", arguments.RootElement));

        Assert.Equal(("expense.approve", decision.ActionId, 20m), (covered.Type, covered.ActionId, covered.Amount));
        await session.ReportResultAsync(decision.ActionId, succeeded: true);
    }

    [Fact]
    public async Task A_key_that_is_not_known_is_refused_and_nothing_is_allowed()
    {
        await using var console = await ConsoleProcess.StartAsync();
        await using var client = new HandrailClient(new HandrailClientOptions { Endpoint = console.Address, ApiKey = "hra_nobodys", Agent = "expense-approver" });

        var refused = await Assert.ThrowsAsync<HandrailException>(() => client.OpenSessionAsync("s-1"));

        Assert.Equal(401, refused.Status);
    }

    private static AgentAction Expense(decimal amount) => new()
    {
        Type = "expense.approve",
        Tool = "approve_expense",
        Amount = amount,
        Currency = "USD",
        Vendor = "Blue Door Cafe",
        Category = "meals",
        Confidence = 0.93,
        Risk = ActionRisk.External,
        Arguments = new JsonObject { ["expense_id"] = "e-9", ["approved_amount"] = amount },
    };

    private static HandrailClient Client(ConsoleProcess console) => new(new HandrailClientOptions
    {
        Endpoint = console.Address,
        ApiKey = ConsoleProcess.AgentKey,
        Agent = "expense-approver",
        AgentVersion = "1.4",
    });

    private static async Task<ConsoleProcess> StartAsync(DatabaseProvider provider)
    {
        var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        await PublishAsync(console, "/api/v1/fleet/policy", new JsonObject { ["autonomy"] = "autonomous" });
        await PublishAsync(console, "/api/v1/agents/expense-approver/policy/own", Bounded);
        return console;
    }

    private static async Task PublishAsync(ConsoleProcess console, string path, JsonObject policy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(policy) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await console.AsAdministrator().SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task PostAsync(ConsoleProcess console, string path, string body)
    {
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var answer = await console.AsAdministrator().PostAsync(path, content);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task<JsonNode> GetAsync(ConsoleProcess console, string path) =>
        JsonNode.Parse(await console.AsAdministrator().GetStringAsync(path))!;

    private static async Task<string> OpenHandoffAsync(ConsoleProcess console)
    {
        var id = (string?)null;
        await Eventually.HoldsAsync("a handoff is open", async () =>
        {
            var open = (await GetAsync(console, "/api/v1/handoffs?status=open"))["items"]!.AsArray();
            id = open.Count > 0 ? (string?)open[0]!["handoff_id"] : null;
            return id is not null;
        });
        return id!;
    }
}
