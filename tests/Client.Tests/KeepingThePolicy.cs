using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Client.Control;
using Handrail.Client.Offline;
using Handrail.Client.Tests.Fakes;
using Handrail.Client.Wire;
using Handrail.Policy;
using Handrail.Testing;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>What the client keeps of the policy, in memory and for the next process: tightened at once, loosened only by what was read, and by nobody's word but the console's.</summary>
public sealed class KeepingThePolicy : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("handrail-policy-").FullName;

    private string Kept => Path.Combine(_folder, "policy");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_next_process_takes_up_the_policy_the_latest_version_and_the_keys()
    {
        await using var console = await ConsoleProcess.StartAsync();
        JsonObject earlier;
        using (var way = new PolicyWay())
        await using (var client = Client(console, way))
        {
            await client.GetPolicyAsync();
            earlier = way.Last!;
            await PublishAsync(console, """{"autonomy":"off"}""");
            await client.GetPolicyAsync();
        }

        using var replaying = new PolicyWay { Change = _ => earlier.DeepClone().AsObject() };
        await using var next = Client(console, replaying);
        Assert.Equal("2.0", next.Policy!.Version);
        await PublishAsync(console, """{"autonomy":"suggest"}""");
        await Assert.ThrowsAsync<HandrailException>(() => next.GetPolicyAsync());
        Assert.Equal("2.0", next.Policy!.Version);

        replaying.Change = policy =>
        {
            policy.Remove("signature");
            return policy;
        };
        await Assert.ThrowsAsync<HandrailException>(() => next.GetPolicyAsync());
    }

    [Fact]
    public async Task A_kept_policy_that_anybody_touched_is_as_good_as_none()
    {
        await using var console = await ConsoleProcess.StartAsync();
        await using (var client = Client(console))
        {
            await client.GetPolicyAsync();
        }

        var written = await File.ReadAllBytesAsync(Kept);
        Assert.NotNull(Take("hra_mine", "desk"));
        Assert.Null(Take("hra_another", "desk"));
        Assert.Null(Take("hra_mine", "other"));
        for (var at = 0; at < written.Length; at++)
        {
            var touched = written.ToArray();
            touched[at] ^= (byte)(1 << (at % 8));
            await File.WriteAllBytesAsync(Kept, touched);
            Assert.True(Take("hra_mine", "desk") is null, $"Byte {at} was changed");
        }

        await File.WriteAllBytesAsync(Kept, written[..^1]);
        Assert.Null(Take("hra_mine", "desk"));
        await File.WriteAllBytesAsync(Kept, written);
        Assert.NotNull(Take("hra_mine", "desk"));

        HeldPolicy? Take(string key, string agent)
        {
            var options = new HandrailClientOptions { Endpoint = console.Address, ApiKey = key == "hra_mine" ? ConsoleProcess.AgentKey : key, Agent = agent, PolicyFile = Kept };
            using var connection = new ConsoleConnection(options);
            return new PolicyRecord(connection, options, new PolicyTrust(connection, options), () => null).Take();
        }
    }

    [Fact]
    public async Task Of_a_signed_policy_no_byte_can_be_changed_that_means_anything()
    {
        await using var console = await ConsoleProcess.StartAsync();
        await PublishAsync(console, """
            {"autonomy":"bounded","limits":[{"type":"expense.*","max_amount":50.25,"currency":"USD","min_confidence":0.8}],
             "rules":[{"id":"caf\u00e9","when":{"all":[{"field":"vendor","op":"in","value":["Blue Door Cafe"]}]},"then":"deny"}]}
            """);
        using var agent = console.AsAgent();
        var told = await agent.GetByteArrayAsync("/api/v1/agents/desk/policy");
        var options = new HandrailClientOptions { Endpoint = console.Address, ApiKey = "hra_any", Agent = "desk", RequireSignedPolicy = true };
        using var connection = new ConsoleConnection(options);
        var keys = PublishedKey.Read(await agent.GetFromJsonAsync<JsonElement>("/.well-known/jwks.json"))!;
        var whole = Read(told);
        Assert.True(Takes(whole));

        var (refused, unread) = (0, 0);
        for (var at = 0; at < told.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var touched = told.ToArray();
                touched[at] ^= (byte)(1 << bit);
                if (Read(touched) is not { } read)
                {
                    unread++;
                }
                else if (!Takes(read))
                {
                    refused++;
                }
                else
                {
                    // Another spelling of the same, as of a letter's escape.
                    Assert.Equal(Meaning(whole!), Meaning(read));
                }
            }
        }

        Assert.True(refused > told.Length && unread > told.Length, $"{refused} refused, {unread} not read, of {told.Length} bytes");

        bool Takes(PolicyReading? read) => new PolicyTrust(connection, options) { Known = new KnownOfPolicies(null, keys) }.Takes(read!);
    }

    [Fact]
    public async Task What_is_heard_tightens_at_once_and_loosens_once_it_was_read()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Once("GET", "/policy", new Reply(200, Policy("1.1", "suggest")));
        console.Once("GET", "/policy", new Reply(200, Policy("1.2", "autonomous")));
        var options = Connected.Options(console.Address);
        using var connection = new ConsoleConnection(options);
        await using var channel = new PolicyChannel(connection, options, _ => { }, _ => { });
        await channel.ReadAsync(CancellationToken.None);
        Assert.Equal(Verdict.Review, Decide(channel));

        Assert.Equal("1.2", channel.Heard(JsonElement.Parse(Policy("1.2", "autonomous"))));
        Assert.Equal(("1.2", Verdict.Review), (channel.Current!.Version, Decide(channel)));
        await channel.ReadAsync(CancellationToken.None);
        Assert.Equal(Verdict.Allow, Decide(channel));

        channel.Heard(JsonElement.Parse(Policy("1.3", "off")));
        Assert.Equal(Verdict.Deny, Decide(channel));
        channel.Heard(JsonElement.Parse(Policy("1.4", "autonomous")));
        Assert.Equal(Verdict.Deny, Decide(channel));
    }

    [Fact]
    public async Task A_later_version_that_any_answer_names_ends_what_the_held_one_decides_by_itself()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Always("GET", "/policy", _ => new Reply(200, Policy("1.1", "autonomous")).With("x-handrail-beyond-policy", "none"));
        var options = Connected.Options(console.Address);
        using var connection = new ConsoleConnection(options);
        await using var channel = new PolicyChannel(connection, options, _ => { }, _ => { });
        await channel.ReadAsync(CancellationToken.None);

        channel.Told("1.1");
        channel.Told("0.1");
        channel.Told(null);
        Assert.True(channel.Held!.RulesAlone);
        channel.Told("1.2");
        Assert.False(channel.Held!.RulesAlone);
        await channel.ReadAsync(CancellationToken.None);
        Assert.True(channel.Held!.RulesAlone);
    }

    private static Verdict Decide(PolicyChannel channel) =>
        new OfflinePolicy(channel.Held!.Layers.Value!).Decide(new Handrail.Policy.ActionRequest("a-1", "expense-approver", "note.write") { Risk = Risk.Read }, "s-1", DateTimeOffset.UnixEpoch).Verdict;

    private static string Policy(string version, string autonomy) =>
        $$$"""{"agent":"expense-approver","version":"{{{version}}}","layers":[{"scope":"fleet","version":1,"policy":{"autonomy":"{{{autonomy}}}"}}]}""";

    private static PolicyReading? Read(byte[] told)
    {
        try
        {
            return PolicyReading.Of(JsonSerializer.Deserialize(told, WireJson.Default.PolicyAnswer), "desk");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Meaning(PolicyReading read) =>
        $"{read.Policy.Agent} {read.Policy.Version} {string.Join(' ', read.Policy.Layers.Select(layer => $"{layer.Scope} {layer.Version} {CanonicalJson.Serialize(layer.Policy)}"))}";

    private HandrailClient Client(ConsoleProcess console, PolicyWay? way = null) => new(new HandrailClientOptions
    {
        Endpoint = console.Address,
        ApiKey = ConsoleProcess.AgentKey,
        Agent = "desk",
        UseHub = false,
        MessageHandler = way,
        PolicyFile = Kept,
        Jitter = () => 0.1,
    });

    private static async Task PublishAsync(ConsoleProcess console, string policy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/fleet/policy") { Content = new StringContent(policy, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await console.AsAdministrator().SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
