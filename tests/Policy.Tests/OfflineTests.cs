using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>What a client may decide by itself while it can't reach the console.</summary>
public sealed class OfflineTests
{
    private const long Many = 10_000;

    /// <summary>Anything that the console may know and the client doesn't.</summary>
    private static readonly Gen<SessionFacts> Facts =
        from tools in AnyPolicy.ToolsUsed
        from turns in Gen.Nullable(Gen.Long[0, 100])
        from cost in Gen.Nullable(Gen.Int[0, 400].Select(quarters => quarters / 4m))
        select Policies.Fresh with { ToolsUsed = tools, Turns = turns, CostUsd = cost };

    [Fact]
    public void What_goes_offline_the_console_lets_go_whatever_it_knows_and_what_is_refused_it_refuses() =>
        Gen.Select(AnyPolicy.Whole, AnyPolicy.Whole.Null(0.5), AnyPolicy.Action, Facts).Sample((fleet, agent, action, facts) =>
        {
            PolicyLayer[] layers = agent is null ? [new(PolicyLayer.Fleet, 1, fleet)] : [new(PolicyLayer.Fleet, 1, fleet), new(PolicyLayer.Agent, 1, agent)];
            var offline = new OfflinePolicy(layers).Decide(action, facts.SessionId, Policies.Noonish);
            var online = Gate.Decide(layers, action, facts, Policies.Noonish);
            return offline.Verdict switch
            {
                Verdict.Allow => online.Verdict == Verdict.Allow && offline.Reservations.Count == 0,
                Verdict.Review => true,
                _ => online.Verdict >= offline.Verdict,
            };
        }, iter: Many);

    [Fact]
    public void Some_actions_go_offline() =>
        Assert.Contains(
            Gen.Select(AnyPolicy.Document, AnyPolicy.Action).Array[500].Single(),
            meeting => new OfflinePolicy(Policies.Layers(meeting.Item1)).Decide(meeting.Item2, "s", Policies.Noonish).Verdict == Verdict.Allow);

    [Theory]
    [InlineData("""{"autonomy":"autonomous"}""", "Allow")]
    [InlineData("""{"autonomy":"bounded","limits":[{"max_amount":50,"currency":"USD"}]}""", "Allow")]
    [InlineData("""{"autonomy":"bounded","limits":[{"max_amount":50,"currency":"USD","max_total":100,"per":"day"}]}""", "Review")]
    [InlineData("""{"autonomy":"autonomous","rules":[{"id":"r","when":{"field":"session.turns","op":"gt","value":5,"missing":"ignore"},"then":"deny"}]}""", "Review")]
    [InlineData("""{"autonomy":"autonomous","rules":[{"id":"r","when":{"all":[{"field":"vendor","op":"eq","value":"Coinhub"},{"field":"session.turns","op":"gt","value":5}]},"then":"deny"}]}""", "Allow")]
    [InlineData("""{"autonomy":"autonomous","rules":[{"id":"r","when":{"field":"vendor","op":"eq","value":"Delta"},"then":"deny"}]}""", "Deny")]
    [InlineData("""{"autonomy":"autonomous","tools":[{"name":"pay","labels":["external"]}],"taint":[{"when":["untrusted"],"block":["external"]}]}""", "Review")]
    [InlineData("""{"autonomy":"autonomous","tools":[{"name":"pay"}],"taint":[{"when":["untrusted"],"block":["external"]}]}""", "Allow")]
    [InlineData("""{"autonomy":"autonomous","breakers":[{"id":"b","scope":"session","metric":"turns","limit":5,"then":"review"}]}""", "Review")]
    [InlineData("""{"autonomy":"autonomous","breakers":[{"id":"b","scope":"session","metric":"turns","limit":5,"then":"pause"}]}""", "Allow")]
    [InlineData("""{"autonomy":"suggest"}""", "Review")]
    [InlineData("""{"autonomy":"off"}""", "Deny")]
    public void Only_what_hangs_on_nothing_unknown_is_decided(string policy, string verdict)
    {
        var action = new ActionRequest("a", "desk", "expense.approve") { Tool = "pay", Vendor = "Delta", Amount = 20, Currency = "USD" };

        Assert.Equal(verdict, $"{new OfflinePolicy(Policies.Layers(Policies.Document(policy))).Decide(action, "s", Policies.Noonish).Verdict}");
    }

    [Theory]
    [InlineData("{}", "{}", OfflineMode.Deny, 900)]
    [InlineData("""{"offline":{"mode":"policy","max_age_seconds":60}}""", "{}", OfflineMode.Policy, 60)]
    [InlineData("""{"offline":{"mode":"hold"}}""", """{"offline":{"mode":"policy","max_age_seconds":60}}""", OfflineMode.Hold, 60)]
    [InlineData("""{"offline":{"mode":"policy","max_age_seconds":600}}""", """{"offline":{"mode":"policy","max_age_seconds":60}}""", OfflineMode.Policy, 60)]
    [InlineData("""{"offline":{"mode":"policy"}}""", """{"offline":{"mode":"deny"}}""", OfflineMode.Deny, 900)]
    public void Of_what_the_layers_say_the_most_restrictive_holds(string fleet, string agent, OfflineMode mode, int seconds)
    {
        var offline = new OfflinePolicy([new(PolicyLayer.Fleet, 1, Policies.Document(fleet)), new(PolicyLayer.Agent, 1, Policies.Document(agent))]);

        Assert.Equal((mode, TimeSpan.FromSeconds(seconds)), (offline.Mode, offline.MaxAge));
    }

    [Fact]
    public void A_tool_takes_what_every_layer_shows_and_what_the_fleet_fixes()
    {
        PolicyLayer[] layers =
        [
            new(PolicyLayer.Agent, 1, Policies.Document("""{"tools":[{"name":"send_slack","mask":{"show":["text","thread"],"fix":{"as_user":true,"urgent":1}}}]}""")),
            new(PolicyLayer.Fleet, 1, Policies.Document("""{"tools":[{"name":"Send_Slack","mask":{"show":["channel","text"],"fix":{"as_user":false}}}]}""")),
        ];

        var mask = MaskInForce.For(layers, "SEND_SLACK")!;

        Assert.Equal(["text"], mask.Show);
        Assert.Equal([("as_user", "false"), ("urgent", "1")], mask.Fix.Select(set => (set.Name, set.Json)));
        Assert.Equal((true, false, false), (mask.Shows("text"), mask.Shows("channel"), mask.Shows("as_user")));
        Assert.Null(MaskInForce.For(layers, "read_email"));
    }
}
