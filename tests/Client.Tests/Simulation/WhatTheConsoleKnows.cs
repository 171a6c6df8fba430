using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Handrail.Policy;
using Handrail.Simulator;
using Handrail.Telemetry;
using Xunit;

namespace Handrail.Client.Tests.Simulation;

public sealed class WhatTheConsoleKnows
{
    [Fact]
    public void Every_starting_policy_is_one_that_the_console_takes()
    {
        var documents = Fleet.AllScripts().Select(script => (script.Name, script.Policy)).Append(("fleet", FleetPolicy.Document()));
        foreach (var (name, document) in documents)
        {
            var read = PolicyDocument.Parse(document.ToJsonString());
            Assert.True(read.Errors.Count == 0, $"{name}: {string.Join("; ", read.Errors)}");
        }
    }

    [Fact]
    public void Every_model_that_is_simulated_has_a_price()
    {
        var now = TimeProvider.System.GetUtcNow();
        Assert.All(Fleet.AllScripts().SelectMany(script => script.Agents), agent =>
            Assert.NotNull(PriceTable.BuiltIn.Find(agent.Provider, agent.Model, agent.Model, now)));
    }

    /// <summary>When people have enough to decide, the fleet must go on without them; else it would stand still.</summary>
    [Fact]
    public async Task Under_the_starting_policies_easy_cases_need_nobody()
    {
        foreach (var script in Fleet.AllScripts())
        {
            PolicyLayer[] layers = [Layer(PolicyLayer.Fleet, FleetPolicy.Document()), Layer(PolicyLayer.Agent, script.Policy)];
            var needed = new List<string>();
            await using var console = await FakeConsole.StartAsync();
            console.Desk.Verdict = action =>
            {
                var request = Request(action);
                var now = DateTimeOffset.UnixEpoch;
                var facts = new SessionFacts("s-1") { BudgetUsed = Gate.BudgetsFor(layers, request, "s-1", now).ToDictionary(key => key, _ => 0m) };
                var decision = Gate.Decide(layers, request, facts, now);
                if (decision.Verdict is Verdict.Review)
                {
                    needed.Add($"{action["type"]}: {decision.Reasons[0].Text}");
                }

                return decision.Verdict is Verdict.Allow ? "allow" : "deny";
            };
            for (var seed = 1; seed <= 12; seed++)
            {
                await using var stage = new Stage(console, script, seed, easyOnly: true, session: $"s-{seed}");
                await stage.PlayAsync();
            }

            Assert.True(needed.Count == 0, $"{script.Name}: {string.Join("; ", needed)}");
        }
    }

    private static PolicyLayer Layer(string scope, JsonObject document) => new(scope, 1, PolicyDocument.Parse(document.ToJsonString()).Document!);

    private static ActionRequest Request(JsonNode action) => new((string)action["action_id"]!, (string)action["agent"]!, (string)action["type"]!)
    {
        Tool = (string?)action["tool"],
        Amount = (decimal?)action["amount"],
        Currency = (string?)action["currency"],
        Vendor = (string?)action["vendor"],
        Category = (string?)action["category"],
        Confidence = (decimal?)action["confidence"],
        CitationCount = action["citations"]?.AsArray().Count ?? 0,
        FailedChecks = action["checks"]?.AsArray().Count(check => !(bool)check!["passed"]!) ?? 0,
        Arguments = JsonSerializer.SerializeToElement(action["arguments"]),
    };
}
