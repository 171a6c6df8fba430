using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>What is not the console's own, readable yes on this very action is not a yes.</summary>
public sealed class NeverProceedOnDoubt
{
    public static TheoryData<string> Doubtful { get; } =
    [
        "",
        "null",
        "true",
        "[]",
        "<html>Sign in</html>",
        """{"proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"allowed"}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"allowed","proceed":null}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"allowed","proceed":"true"}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"allowed","proceed":1}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"allowed","proceed":true""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"allowed","proceed":false,"proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"denied","proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"deny","status":"allowed","proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"deny","status":"approved","proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"allowed_with_conditions","proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow_once","status":"allowed","proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"ALLOW","status":"ALLOWED","proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":0,"status":1,"proceed":true}""",
        """{"action_id":"a-18","session_id":"s-1","verdict":"allow","status":"allowed","proceed":true}""",
        """{"action_id":"a-17","session_id":"s-2","verdict":"allow","status":"allowed","proceed":true}""",
        """{"session_id":"s-1","verdict":"allow","status":"allowed","proceed":true}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"allow","status":"allowed","proceed":true,"arguments":"approve all"}""",
        """{"action_id":"a-17","session_id":"s-1","verdict":"review","status":"approved","proceed":true,"edited":true}""",
    ];

    [Theory]
    [MemberData(nameof(Doubtful))]
    public async Task A_doubtful_answer_does_not_proceed(string body)
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Always("POST", "/actions", _ => new Reply(200, body));

        var decision = await session.RequestAsync(Connected.Expense());

        Assert.False(decision.Proceed);
        Assert.Equal("a-17", decision.ActionId);
    }

    [Theory]
    [MemberData(nameof(Doubtful))]
    public async Task A_doubtful_answer_to_the_wait_does_not_proceed(string body)
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Always("GET", "/actions/a-17", _ => new Reply(200, body));

        Assert.False((await session.RequestAsync(Connected.Expense())).Proceed);
    }

    [Fact]
    public async Task A_member_left_out_of_a_true_yes_or_a_bit_changed_in_it_never_makes_another_yes()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var yes = FakeDesk.Decided("s-1", "a-17", "allow", "allowed", proceed: true);
        string[] needed = ["action_id", "session_id", "verdict", "status", "proceed"];
        foreach (var member in needed)
        {
            foreach (var other in new JsonNode?[] { null, "", "x", 0, 1, false, new JsonArray(), new JsonObject() })
            {
                var changed = (JsonObject)yes.DeepClone();
                changed[member] = other?.DeepClone();
                console.Once("POST", "/actions", Reply.Ok(changed));

                var decision = await session.RequestAsync(Connected.Expense());

                Assert.False(decision.Proceed, changed.ToJsonString());
            }
        }
    }
}
