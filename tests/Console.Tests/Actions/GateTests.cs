using System.Net.Http.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Actions;

/// <summary>What the gate promises an agent, over HTTP, on both databases.</summary>
public sealed class GateTests
{
    private static object Meal(string id, decimal amount, double confidence = 0.93) => new
    {
        action_id = id,
        agent = "expense-approver",
        agent_version = "1.4",
        user = "u-42",
        type = "expense.approve",
        tool = "approve_expense",
        summary = $"Approve {amount} USD",
        amount,
        currency = "USD",
        vendor = "Blue Door Cafe",
        category = "meals",
        confidence,
        reasoning = "Under the limit; receipt matches.",
        citations = new[] { new { title = "Expense policy 4.2", url = "https://example.com/policy#4.2", quote = "Meals up to 50 USD" } },
        arguments = new { expense_id = "e-9", approved_amount = amount },
        risk = "external",
        checks = new[] { new { name = "receipt_total_matches", passed = true, detail = "ok" } },
    };

    private static readonly object Policy = new
    {
        autonomy = "bounded",
        limits = new object[] { new { type = "expense.approve", category = "meals", max_amount = 25, currency = "USD", min_confidence = 0.8 } },
        rules = new object[]
        {
            new
            {
                id = "blocked-vendors", name = "Blocked vendors", applies_to = new[] { "expense.*" },
                when = new { all = new object[] { new { field = "vendor", op = "in", value = new[] { "Casino Royale" } } } },
                then = "deny", message = "This vendor is blocked by Finance",
            },
        },
    };

    [Theory, Databases]
    public async Task An_action_inside_its_limit_may_go_and_its_result_closes_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("expense-approver", Policy);

        var answer = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Meal("a-1", 20.50m))).Expect(200);

        Assert.Equal("allow", answer.Text("verdict"));
        Assert.Equal("allowed", answer.Text("status"));
        Assert.True(answer["proceed"].GetBoolean());
        Assert.Equal("none", answer.Text("execution"));
        Assert.Equal("2.1", answer.Text("policy_version"));
        Assert.Equal("running", answer.Header("x-handrail-control"));
        Assert.Equal("2.1", answer.Header("x-handrail-policy"));
        Assert.Equal(20.50m, answer["arguments"].GetProperty("approved_amount").GetDecimal());

        var closed = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/result", new { status = "succeeded", output = new { ok = true } })).Expect(200);
        Assert.Equal("succeeded", closed.Text("execution"));
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/result", new { status = "succeeded" })).Expect(200);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/result", new { status = "failed" })).Expect(409);
    }

    [Theory, Databases]
    public async Task An_action_outside_its_limit_waits_for_a_person_with_every_reason(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("expense-approver", Policy);

        var answer = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Meal("a-1", 48.20m, confidence: 0.5))).Expect(200);

        Assert.Equal("review", answer.Text("verdict"));
        Assert.Equal("pending", answer.Text("status"));
        Assert.False(answer["proceed"].GetBoolean());
        Assert.StartsWith("h-", answer.Text("handoff_id"));
        Assert.Equal("limit:expense.approve/meals", answer["reasons"][0].GetProperty("rule").GetString());
        Assert.Contains("48.20 USD", answer["reasons"].ToString());
        Assert.Contains("0.5", answer["reasons"].ToString());
        var session = (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Expect(200);
        Assert.Equal("waiting", session.Text("state"));
    }

    [Theory, Databases]
    public async Task Threat_05_The_same_question_gets_the_same_answer_and_another_body_is_refused(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("expense-approver", Policy);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Meal("a-1", 48.20m))));

        Assert.All(answers, a => a.Expect(200));
        Assert.Single(answers.Select(a => a.Text("handoff_id")).Distinct());
        var queue = (await host.Admin.ReadAsync("/api/v1/handoffs?status=open")).Expect(200);
        Assert.Equal(1, queue["items"].GetArrayLength());
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Meal("a-1", 10m))).Expect(409);
    }

    [Theory, Databases]
    public async Task A_blocked_vendor_is_denied_with_the_message_that_finance_wrote(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("expense-approver", Policy);

        var answer = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new
        {
            action_id = "a-1", agent = "expense-approver", type = "expense.approve", amount = 5, currency = "USD", vendor = "CASINO  royale", category = "meals", confidence = 0.9,
        })).Expect(200);

        Assert.Equal("denied", answer.Text("status"));
        Assert.False(answer["proceed"].GetBoolean());
        Assert.Equal("rule:blocked-vendors", answer["reasons"][0].GetProperty("rule").GetString());
        Assert.Contains("blocked by Finance", answer["reasons"][0].GetProperty("text").GetString());
    }

    [Theory, Databases]
    public async Task An_agent_nobody_has_set_up_sends_everything_to_people(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);

        var answer = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "newcomer", type = "anything.at.all" })).Expect(200);

        Assert.Equal("review", answer.Text("verdict"));
        Assert.Equal("1.0", answer.Text("policy_version"));
    }

    [Theory, Databases]
    public async Task What_failed_gives_its_budget_back(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("expense-approver", new
        {
            autonomy = "bounded",
            limits = new object[] { new { type = "expense.approve", max_amount = 50, currency = "USD", max_total = 100, per = "day" } },
        });

        var answers = await Task.WhenAll(Enumerable.Range(0, 11).Select(i => host.Agent.PostAsync($"/api/v1/sessions/s-{i % 4}/actions", Meal($"a-{i}", 10m))));
        Assert.Single(answers, a => !a["proceed"].GetBoolean());

        var gone = answers.First(a => a["proceed"].GetBoolean());
        (await host.Agent.PostAsync($"/api/v1/sessions/{gone.Text("session_id")}/actions/{gone.Text("action_id")}/result", new { status = "failed", error = "card declined" })).Expect(200);
        Assert.True((await host.Agent.PostAsync("/api/v1/sessions/s-9/actions", Meal("a-99", 10m))).Expect(200)["proceed"].GetBoolean());
    }

    [Theory]
    [InlineData("""{"agent":"a","type":"t"}""", "action_id")]
    [InlineData("""{"action_id":"1","type":"t"}""", "agent")]
    [InlineData("""{"action_id":"1","agent":"a"}""", "type")]
    [InlineData("""{"action_id":7,"agent":"a","type":"t"}""", "action_id")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","amount":"12"}""", "amount")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","currency":"dollars"}""", "currency")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","confidence":1.5}""", "confidence")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","risk":"harmless"}""", "risk")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","arguments":[1]}""", "arguments")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","checks":[{"name":"x"}]}""", "checks[0].passed")]
    [InlineData("""{"action_id":"1",""", "body")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","arguments":{"x":"\ud800"}}""", "body")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","arguments":{"x":1e400}}""", "body")]
    [InlineData("""{"action_id":"1","agent":"a","type":"t","checks":[{"name":"x","passed":true,"pass\ud800":1}]}""", "body")]
    public async Task A_wrong_member_is_named(string body, string member)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", content);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>();
        Assert.True(problem.GetProperty("errors").TryGetProperty(member, out _), problem.ToString());
        (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Expect(404);
    }

    [Theory]
    [InlineData("result", """{"status":"succeeded","output":{"x":"\ud800"}}""", "output")]
    [InlineData("ground-truth", """{"decision":"approve","arguments":{"x":"\ud800"}}""", "arguments")]
    [InlineData("ground-truth", """{"decision":"approve","arguments":{"x":1e400}}""", "arguments")]
    [InlineData("approve", """{"arguments":{"x":"\ud800"}}""", "arguments")]
    [InlineData("approve", """{"arguments":{"x":1e400}}""", "arguments")]
    public async Task What_could_not_be_written_again_is_not_taken_for_an_action(string door, string body, string member)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t", arguments = new { x = 1 } })).Expect(200);
        var path = door == "approve" ? $"/api/v1/handoffs/{asked.Text("handoff_id")}/approve" : $"/api/v1/sessions/s-1/actions/a-1/{door}";

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await (door == "result" ? host.Agent : host.Admin).PostAsync(path, content);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.True((await response.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).GetProperty("errors").TryGetProperty(member, out _));
        Assert.Equal("pending", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(200).Text("status"));
    }

    [Theory, Databases]
    public async Task Threat_18_A_key_of_one_agent_can_t_speak_for_another_and_no_other_team_sees_the_session(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var mine = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "desk", agents = new[] { "desk" } })).Expect(200, 201).Text("key"));
        var theirs = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "other", team = "other" })).Expect(200, 201).Text("key"));
        (await mine.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);

        (await mine.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-2", agent = "somebody-else", type = "t" })).Expect(403);
        (await theirs.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-3", agent = "theirs", type = "t" })).Expect(404);
        (await theirs.PostAsync("/api/v1/sessions/s-2/actions", new { action_id = "a-4", agent = "desk", type = "t" })).Expect(403);
        (await theirs.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(404);
        (await host.Anonymous.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-5", agent = "desk", type = "t" })).Expect(401);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-6", agent = "desk", type = "t" })).Expect(403);
    }
}
