using Handrail.Access;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Agents;

/// <summary>One agent: its entry, what rules it, its versions, and how to connect it.</summary>
public partial class AgentPage
{
    private AgentScreen? _screen;
    private bool _missing;
    private bool _mayControl;
    private bool _mayAdminister;
    private RejectCodesDraft? _codes;
    private (string Agent, string Secret)? _issued;

    [Inject]
    public required AgentScreens Agents { get; set; }

    [Inject]
    public required PageOrders Orders { get; set; }

    [Inject]
    public required Registry Registry { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Parameter]
    public required string Name { get; set; }

    protected override LiveTopics Topics => LiveTopics.Where(
        $"agent {Name}",
        hint => hint.Key == Name || hint.Key == Scopes.Agent(Name) || hint.Key == Scopes.Fleet,
        HintKind.Agent, HintKind.Policy, HintKind.Control);

    /// <summary>The key that was made here for this agent, or a word in its place.</summary>
    private string Key => _issued is { } issued && issued.Agent == Name ? issued.Secret : FirstTrace.NoKey;

    private string Address => Navigation.BaseUri.TrimEnd('/');

    private string Gate =>
        $$"""
        curl -sS {{Address}}/api/v1/sessions/SESSION_ID/actions -H 'content-type: application/json' -H 'x-api-key: {{Key}}' --data-binary @- <<'END'
        {"action_id":"a-1","agent":{{PastedText.InCode(Name)}},"type":"expense.approve","amount":48.20,"currency":"USD"}
        END
        """;

    private string ReadBack =>
        $"""
        curl -sS '{Address}/api/v1/sessions/SESSION_ID/control?after=0&wait=30' -H 'x-api-key: {Key}'
        curl -sS '{Address}/api/v1/agents/{Uri.EscapeDataString(Name).Replace("'", "%27", StringComparison.Ordinal)}/policy?wait=30' -H 'if-none-match: "{_screen?.Agent.Entry.PolicyVersion ?? "1.0"}"' -H 'x-api-key: {Key}'
        """;

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _mayAdminister = caller.May(Permission.Administer);
        try
        {
            _screen = await Agents.OneAsync(caller, Name, cancel);
            _missing = false;
            _mayControl = caller.MayFor(Permission.Control, Name, _screen.Agent.Entry.Team);
        }
        catch (Refusal refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            (_screen, _missing) = (null, true);
        }
    }

    private async Task OrderAsync(ControlKind kind)
    {
        if (await Orders.ToScopeAsync(Name, kind))
        {
            await RefreshAsync();
        }
    }

    private void ChangeCodes(AgentReading entry)
    {
        _codes = new RejectCodesDraft(entry.RejectCodes);
        if (_codes.Lines.Count == 0)
        {
            _codes.Add();
        }
    }

    private async Task SaveCodesAsync()
    {
        if (_codes is { Error: null } draft
            && await Deeds.TryAsync("The reasons are saved.", async () => await Registry.SetAsync(await Caller.GetAsync(), Name, new AgentEntry(RejectCodes: draft.Codes), CancellationToken.None)))
        {
            _codes = null;
            await RefreshAsync();
        }
    }
}
