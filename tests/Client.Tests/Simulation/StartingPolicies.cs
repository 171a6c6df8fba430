using Handrail.Policy;
using Handrail.Simulator;
using Xunit;

namespace Handrail.Client.Tests.Simulation;

public sealed class StartingPolicies
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
}
