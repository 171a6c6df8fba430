using Bunit;
using Handrail.Agents;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Xunit;

namespace Handrail.Pages;

public sealed class AgentsPageTests : PageContext
{
    [Fact]
    public async Task An_agent_shows_as_soon_as_it_is_heard_of_with_what_is_ordered_for_it()
    {
        var page = Open<AgentsPage>();
        page.WaitForAssertion(() => Assert.Contains("No agent yet", page.Markup));

        await SaveAsync(
            new Hint(HintKind.Agent, "desk"), Agent("desk"),
            new ScopeControl { Scope = "agent:desk", State = ControlState.Stopped, By = "ben@example.com", Reason = "wrong refunds", Since = Now, Seq = 1 });

        page.WaitForAssertion(() => Assert.Contains("Stopped", page.Find("tbody tr").TextContent));
        Assert.Contains("wrong refunds", page.Find("tbody .badge").GetAttribute("title"));
        Assert.Equal("/sessions?agent=desk", page.Find("tbody a").GetAttribute("href"));
    }

    [Fact]
    public async Task An_agent_that_holds_an_older_policy_is_said_to_be_behind()
    {
        var agent = Agent("desk");
        (agent.PolicyHeld, agent.PolicyHeldAt) = ("0.0", Now);
        await SaveAsync(null, agent);

        var page = Open<AgentsPage>();

        page.WaitForAssertion(() => Assert.Contains("Behind", page.Find("tbody tr").TextContent));
    }
}
