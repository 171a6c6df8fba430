using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Handrail.Policy;
using Xunit;

namespace Handrail.Client.Tests;

public sealed class Reporting
{
    [Fact]
    public async Task Opening_a_session_names_it_at_the_console_and_waits_for_a_console_that_is_down()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        console.Once("PUT", "/sessions/s%201", new Reply(503), new Reply(503));

        await using var session = await client.OpenSessionAsync(
            "s 1", "u-42", "Lunch receipt", "parent-1", new JsonObject { ["office"] = "Oslo" });

        var opened = console.Requests.Last(request => request.Method == "PUT");
        Assert.Equal("/api/v1/sessions/s 1", opened.Path);
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse("""
                    {"agent":"expense-approver","agent_version":"1.4","user":"u-42","title":"Lunch receipt","parent_session_id":"parent-1",
                     "metadata":{"office":"Oslo"}}
                    """),
                opened.Json),
            opened.Body);
    }

    [Fact]
    public async Task A_cost_that_had_to_be_sent_twice_counts_once()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Once("POST", "/costs", new Reply(504));

        var receipt = await session.AddCostsAsync([new() { Kind = CostKind.Tool, Name = "document-ocr", Amount = 0.045m }]);
        await session.AddCostAsync(new() { Id = "c-1", Kind = CostKind.Human, Name = "Review", Amount = 2.10m });
        await session.AddCostAsync(new() { Id = "c-1", Kind = CostKind.Human, Name = "Review", Amount = 2.10m });

        Assert.Equal((1, 0), (receipt.Accepted, receipt.Duplicates));
        var sent = console.To("POST", "/costs");
        Assert.Equal(sent[0].Body, sent[1].Body);
        var cost = sent[0].Json["events"]![0]!;
        Assert.Equal(("s-1", "expense-approver", "tool", 0.045m, "USD"),
            ((string)cost["session_id"]!, (string)cost["agent"]!, (string)cost["kind"]!, (decimal)cost["amount"]!, (string)cost["currency"]!));
    }

    [Fact]
    public async Task A_cost_that_is_rejected_is_told()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Once("POST", "/costs", new Reply(200, """{"accepted":0,"duplicates":0,"rejected":[{"index":0,"error":"amount: is negative"}]}"""));

        var refused = await Assert.ThrowsAsync<HandrailException>(
            () => session.AddCostAsync(new() { Kind = CostKind.Tool, Name = "refund", Amount = -1 }));

        Assert.Contains("amount: is negative", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_messages_and_the_end_arrive_as_the_contract_says()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        await session.ReportResultAsync("a-1", succeeded: true, output: new JsonObject { ["booking"] = "B-7" });
        await session.ReportResultAsync("a-2", succeeded: false, error: "The ledger is closed");
        await session.AddMessagesAsync([new(MessageRole.User, "Hello") { Id = "m-1", At = DateTimeOffset.UnixEpoch }]);
        await session.EndAsync(SessionOutcome.Completed, "Done", new Money(48.20m, "USD"), new ProducedUnits("expense", 1));

        Same(console, "/actions/a-1/result", """{"status":"succeeded","output":{"booking":"B-7"}}""");
        Same(console, "/actions/a-2/result", """{"status":"failed","error":"The ledger is closed"}""");
        Same(console, "/messages", """{"messages":[{"id":"m-1","role":"user","text":"Hello","at":"1970-01-01T00:00:00+00:00"}]}""");
        Same(console, "/end", """{"outcome":"completed","summary":"Done","value":{"amount":48.20,"currency":"USD"},"units":{"name":"expense","count":1}}""");
    }

    [Fact]
    public async Task A_person_is_asked_and_their_answer_comes_back()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var asking = session.AskPersonAsync(new()
        {
            HandoffId = "h-1",
            Kind = QuestionKind.Escalation,
            Summary = "Refund outside the 30 days?",
            Options = [new("yes", "Refund"), new("no", "Decline")],
        });
        await console.TakenAsync(request => request.Is("GET", "/handoffs/h-1") && request.Query == "?wait=30");
        console.Desk.AnswerHandoff("h-1", new JsonObject { ["choice"] = "no" });

        var answer = await asking;
        Assert.True(answer.Answered);
        Assert.Equal("no", (string?)answer.Answer!["choice"]);
        Same(console, "/sessions/s-1/handoffs", """
            {"handoff_id":"h-1","agent":"expense-approver","kind":"escalation","summary":"Refund outside the 30 days?",
             "options":[{"id":"yes","label":"Refund"},{"id":"no","label":"Decline"}]}
            """);
    }

    [Theory]
    [InlineData("<html/>")]
    [InlineData("""{"handoff_id":"h-1","status":"maybe","answer":{"choice":"yes"}}""")]
    [InlineData("""{"handoff_id":"h-1","status":"expired","answer":{"choice":"yes"}}""")]
    public async Task An_answer_that_is_not_one_is_not_taken_for_one(string body)
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Always("GET", "/handoffs/h-1", _ => new Reply(200, body));

        var answer = await session.AskPersonAsync(new() { HandoffId = "h-1", Summary = "Refund?" });

        Assert.False(answer.Answered);
        Assert.Null(answer.Answer);
    }

    [Fact]
    public async Task A_stop_ends_the_wait_for_an_answer()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var asking = session.AskPersonAsync(new() { HandoffId = "h-1", Summary = "Refund?" });
        await console.TakenAsync(request => request.Is("GET", "/handoffs/h-1"));

        console.Desk.Command("s-1", "stop", "stopped");

        Assert.Equal(HandoffStatus.Cancelled, (await asking).Status);
    }

    [Fact]
    public async Task The_readmes_first_sample_runs()
    {
        await using var console = await FakeConsole.StartAsync();
        JsonObject? approved = null;

        await ReadmeSample.RunAsync(console.Address, "hra_test", (arguments, _) =>
        {
            approved = arguments;
            return Task.FromResult<JsonNode>("booked");
        });

        Assert.Equal("e-9", (string?)approved!["expense_id"]);
        Same(console, "/actions/approve-e-9/result", """{"status":"succeeded","output":"booked"}""");
        Same(console, "/end", """{"outcome":"completed","summary":"One expense handled","units":{"name":"expense","count":1}}""");
    }

    [Theory]
    [InlineData("ClientReadme.md", 2)]
    [InlineData("ClientAIReadme.md", 3)]
    [InlineData("Readme.md", 0)]
    public async Task Every_sample_of_a_readme_is_compiled_here(string readme, int samples)
    {
        var compiled = Between(await ReadAsync("ReadmeSample.cs"), "// <sample>", "// </sample>").ToList();

        var shown = Between(await ReadAsync(readme), "```csharp", "```").ToList();

        Assert.Equal(samples, shown.Count);
        Assert.All(shown, sample => Assert.Contains(sample, compiled));
    }

    private static Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, name));

    /// <summary>The passages between two marks, without what they are indented by.</summary>
    private static IEnumerable<string> Between(string text, string from, string to)
    {
        for (var start = text.IndexOf(from, StringComparison.Ordinal); start >= 0; start = text.IndexOf(from, start, StringComparison.Ordinal))
        {
            start += from.Length;
            var end = text.IndexOf(to, start, StringComparison.Ordinal);
            var lines = text[start..end].Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0).ToList();
            var indent = lines.Min(line => line.Length - line.TrimStart().Length);
            yield return string.Join('\n', lines.Select(line => line[indent..]));
        }
    }

    private static void Same(FakeConsole console, string pathEnd, string body)
    {
        var sent = Assert.Single(console.To("POST", pathEnd));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body), sent.Json), sent.Body);
    }
}
