using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>The client and the console that is shipped: what the console signed is gone by, and nothing that was made of it is.</summary>
public sealed class SignedPolicies
{
    [Theory, Databases]
    public async Task The_console_signs_the_policy_wherever_it_tells_it(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        await PublishAsync(console, "/api/v1/agents/desk/policy/own", """{"autonomy":"bounded"}""");
        foreach (var useHub in new[] { true, false })
        {
            await using var client = Client(console, useHub: useHub, demands: true);
            var held = (await client.GetPolicyAsync()).Version;
            await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"suggest"}""");
            await Eventually.HoldsAsync("the next version is taken", () => client.Policy!.Version != held);
        }

        using var agent = console.AsAgent();
        var read = JsonNode.Parse(await agent.GetStringAsync("/api/v1/agents/desk/policy"))!.AsObject();
        Assert.Equal(["agent", "version", "layers", "signature"], read.Select(member => member.Key));
        using var events = new StreamReader(await agent.GetStreamAsync(new Uri("/api/v1/agents/desk/events", UriKind.Relative)));
        string? line;
        do
        {
            line = await events.ReadLineAsync();
        }
        while (line is not null && !line.StartsWith("data: {\"agent\":\"desk\",\"version\"", StringComparison.Ordinal));
        Assert.True(JsonNode.DeepEquals(read, JsonNode.Parse(line!["data: ".Length..])), line);
    }

    [Theory, Databases]
    public async Task What_the_console_did_not_sign_is_not_gone_by(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"suggest"}""");
        await PublishAsync(console, "/api/v1/agents/desk/policy/own", """{"autonomy":"suggest"}""");
        await PublishAsync(console, "/api/v1/agents/other/policy/own", """{"autonomy":"autonomous"}""");
        var others = JsonNode.Parse(await console.AsAgent().GetStringAsync("/api/v1/agents/other/policy"))!;
        var grant = await GrantAsync(console);

        foreach (var (what, change) in new (string, Func<JsonObject, JsonObject>)[]
        {
            ("a looser level", policy => Changed(policy, "\"suggest\"", "\"autonomous\"")),
            ("another version", policy => Changed(policy, "\"version\":\"2.1\"", "\"version\":\"3.1\"")),
            ("another version of a layer", policy => Changed(policy, "\"version\":2", "\"version\":3")),
            ("a layer left out", policy => With(policy, "layers", new JsonArray(policy["layers"]![0]!.DeepClone()))),
            ("another agent's policy", _ => Changed(others.AsObject(), "\"other\"", "\"desk\"")),
            ("another agent's signature", policy => With(policy, "signature", others["signature"]!.DeepClone())),
            ("a grant in the signature's place", policy => With(policy, "signature", JsonValue.Create(grant))),
            ("a signature without its end", policy => With(policy, "signature", JsonValue.Create(((string)policy["signature"]!)[..^4]))),
        })
        {
            using var way = new PolicyWay { Change = change };
            await using var client = Client(console, way: way);
            var refused = await Record.ExceptionAsync(() => client.GetPolicyAsync());
            Assert.True(refused is HandrailException && client.Policy is null, $"Gone by: {what}");

            // And it is that alone.
            way.Change = null;
            Assert.Equal("2.1", (await client.GetPolicyAsync()).Version);
        }
    }

    [Theory, Databases]
    public async Task After_one_that_was_signed_none_without_a_signature_and_no_earlier_one_is_gone_by(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"autonomous"}""");
        using var way = new PolicyWay();
        await using var client = Client(console, way: way);
        await client.GetPolicyAsync();
        var earlier = way.Last!;
        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"suggest"}""");
        Assert.Equal("3.0", (await client.GetPolicyAsync()).Version);

        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"off"}""");
        way.Change = policy => Without(policy, "signature");
        await Assert.ThrowsAsync<HandrailException>(() => client.GetPolicyAsync());
        way.Change = _ => earlier.DeepClone().AsObject();
        await Assert.ThrowsAsync<HandrailException>(() => client.GetPolicyAsync());
        Assert.Equal("3.0", client.Policy!.Version);

        way.Change = null;
        Assert.Equal("4.0", (await client.GetPolicyAsync()).Version);

        // One that never signed is believed, unless a signature is demanded.
        using var bare = new PolicyWay { Change = policy => Without(policy, "signature") };
        await using var trusting = Client(console, way: bare);
        Assert.Equal("4.0", (await trusting.GetPolicyAsync()).Version);
        await using var demanding = Client(console, way: bare, demands: true);
        await Assert.ThrowsAsync<HandrailException>(() => demanding.GetPolicyAsync());
    }

    [Theory, Databases]
    public async Task A_new_key_of_the_console_is_learnt_and_what_the_console_signs_with_it_taken(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        var clock = new NotedClock();
        await using var client = Client(console, demands: true, clock: clock);
        await client.GetPolicyAsync();

        (await console.AsAdministrator().PostAsJsonAsync("/api/v1/grants/keys/rotate", new { distrust_others = true })).EnsureSuccessStatusCode();
        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"off"}""");
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("2.0", (await client.GetPolicyAsync()).Version);
    }

    [Theory, Databases]
    public async Task An_earlier_version_takes_a_later_one_s_place_where_the_console_signs_that_it_did_for_this_question_alone(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"suggest"}""");
        using var way = new PolicyWay();
        await using var client = Client(console, way: way, demands: true);
        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"off"}""");
        await client.GetPolicyAsync();
        using var other = new PolicyWay();
        await using var second = Client(console, way: other, demands: true);
        Assert.Equal("3.0", (await second.GetPolicyAsync()).Version);

        // The database is an older one come back. The second client follows its policy by itself too, and is told nothing of it meanwhile.
        other.Change = policy => Without(policy, "signature");
        await console.KillAsync();
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, console.Store);
        await using (var db = new HandrailDb(options.Options))
        {
            await db.PolicyVersions.Where(v => v.Scope == Scopes.Fleet && v.Version > 2).ExecuteDeleteAsync();
            await db.PolicyHeads.Where(h => h.Scope == Scopes.Fleet).ExecuteUpdateAsync(set => set.SetProperty(h => h.Version, 2));
        }

        await console.StartAgainAsync();
        Assert.Equal("2.0", (await client.GetPolicyAsync()).Version);

        // What the console told this client is no word to another.
        Assert.Contains("\"version\":\"2.0\"", way.Last!.ToJsonString(), StringComparison.Ordinal);
        other.Change = _ => way.Last!.DeepClone().AsObject();
        await Assert.ThrowsAsync<HandrailException>(() => second.GetPolicyAsync());
        Assert.Equal("3.0", second.Policy!.Version);
    }

    [Fact]
    public async Task A_policy_s_signature_is_no_grant()
    {
        await using var console = await ConsoleProcess.StartAsync();
        using var agent = console.AsAgent();
        var signature = (string)JsonNode.Parse(await agent.GetStringAsync("/api/v1/agents/desk/policy"))!["signature"]!;
        using var verifier = new GrantVerifier(new GrantVerifierOptions { Endpoint = console.Address });

        await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.VerifyAsync(signature, "expense.approve", JsonElement.Parse("null")));
        using var redeemed = await agent.PostAsJsonAsync("/api/v1/grants/redeem", new { grant = signature });
        Assert.Equal(400, (int)redeemed.StatusCode);
    }

    private static HandrailClient Client(ConsoleProcess console, PolicyWay? way = null, bool useHub = false, bool demands = false, TimeProvider? clock = null) => new(new HandrailClientOptions
    {
        Endpoint = console.Address,
        ApiKey = ConsoleProcess.AgentKey,
        Agent = "desk",
        UseHub = useHub,
        RequireSignedPolicy = demands,
        MessageHandler = way,
        TimeProvider = clock ?? TimeProvider.System,
        Jitter = () => 0.1,
    });

    private static async Task<string> GrantAsync(ConsoleProcess console)
    {
        using var agent = console.AsAgent();
        using var answer = await agent.PostAsJsonAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "loose", type = "note.write", risk = "reversible" });
        var decided = await answer.Content.ReadFromJsonAsync<JsonElement>();
        using var approved = await console.AsAdministrator().PostAsJsonAsync($"/api/v1/handoffs/{decided.GetProperty("handoff_id").GetString()}/approve", new { });
        approved.EnsureSuccessStatusCode();
        return (await agent.GetFromJsonAsync<JsonElement>("/api/v1/sessions/s-1/actions/a-1")).GetProperty("grant").GetString()!;
    }

    private static JsonObject Changed(JsonObject policy, string from, string to)
    {
        var text = policy.ToJsonString();
        Assert.Contains(from, text, StringComparison.Ordinal);
        return JsonNode.Parse(text.Replace(from, to, StringComparison.Ordinal))!.AsObject();
    }

    private static JsonObject With(JsonObject policy, string member, JsonNode value)
    {
        var changed = policy.DeepClone().AsObject();
        changed[member] = value;
        return changed;
    }

    private static JsonObject Without(JsonObject policy, string member)
    {
        var changed = policy.DeepClone().AsObject();
        changed.Remove(member);
        return changed;
    }

    private static async Task PublishAsync(ConsoleProcess console, string path, string policy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(JsonNode.Parse(policy)) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await console.AsAdministrator().SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
