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
}
