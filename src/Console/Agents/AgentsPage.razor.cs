using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;

namespace Handrail.Agents;

/// <summary>The registry: every agent heard of.</summary>
public partial class AgentsPage
{
    private IReadOnlyList<AgentReading>? _agents;

    [Inject]
    public required AgentQueries Agents { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Agent, HintKind.Control, HintKind.Policy);

    protected override async Task LoadAsync(CancellationToken cancel) => _agents = await Agents.ListAsync(await Caller.GetAsync(), cancel);

    private string Ordered(AgentReading agent) =>
        $"By {agent.ControlBy}, {(agent.ControlSince is { } since ? Figures.Relative(since, Now) : "")}{(string.IsNullOrEmpty(agent.ControlReason) ? "" : ": ")}{agent.ControlReason}";
}
