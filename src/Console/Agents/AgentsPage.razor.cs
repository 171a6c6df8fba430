using Handrail.Access;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Agents;

/// <summary>Every agent: what rules it, whether it knows, when it was last heard of, and its brake.</summary>
public partial class AgentsPage
{
    private AgentList? _list;
    private HashSet<string> _mayControl = [];

    [Inject]
    public required AgentScreens Agents { get; set; }

    [Inject]
    public required PageOrders Orders { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    public string? Text { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Agent, HintKind.Policy, HintKind.Control);

    private List<AgentLine> Shown => Text is null ? [.. _list!.Agents] : [.. _list!.Agents.Where(a => Matches(a.Entry.Agent) || Matches(a.Entry.Team) || Matches(a.Entry.Owner))];

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _list = await Agents.ListAsync(caller, cancel);
        _mayControl = [.. _list.Agents.Where(a => caller.MayFor(Permission.Control, a.Entry.Agent, a.Entry.Team)).Select(a => a.Entry.Agent)];
    }

    private bool Matches(string? text) => text?.Contains(Text!, StringComparison.OrdinalIgnoreCase) == true;

    private void Narrow(string? text) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", string.IsNullOrWhiteSpace(text) ? null : text.Trim()));

    private async Task OrderAsync(string agent, ControlKind kind)
    {
        if (await Orders.ToScopeAsync(agent, kind))
        {
            await RefreshAsync();
        }
    }
}
