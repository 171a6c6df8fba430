using Handrail.Access;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Handrail.Sessions;

/// <summary>The ways in which an agent can be made to report, one at a time, with a new key in each of them for who may make one.</summary>
public partial class ConnectWays
{
    private readonly string _id = $"ways-{Guid.NewGuid():n}";
    private readonly Dictionary<int, ElementReference> _tabs = [];
    private IReadOnlyList<Way> _ways = [];
    private int _chosen;
    private bool _mayIssue;
    private bool _issuing;
    private string? _issued;

    [Inject]
    public required Keys Keys { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    /// <summary>The one agent that is to report, which a new key is then limited to; null for any.</summary>
    [Parameter]
    public string? Agent { get; set; }

    /// <summary>The agent's team; null for the default one.</summary>
    [Parameter]
    public string? Team { get; set; }

    /// <summary>Told the key that was made, for texts that stand elsewhere on the page.</summary>
    [Parameter]
    public EventCallback<string> OnIssued { get; set; }

    private string KeyMeaning => Agent is null
        ? "For any agent of the default team. The first start printed one too, into its log and into first-run.txt in the data folder."
        : "For this agent only.";

    private string PanelId => $"{_id}-panel";

    protected override async Task OnParametersSetAsync()
    {
        Write();
        _mayIssue = (await Caller.GetAsync()).May(Permission.Administer);
    }

    private string TabId(int at) => $"{_id}-{at}";

    private void Write()
    {
        _ways = new FirstTrace(Navigation.BaseUri.TrimEnd('/'), Agent, _issued).Ways;
        _chosen = Math.Min(_chosen, _ways.Count - 1);
    }

    private async Task IssueAsync()
    {
        if (_issuing)
        {
            return;
        }

        _issuing = true;
        try
        {
            IssuedSecret? issued = null;
            var done = await Deeds.TryAsync(
                "Agent key made",
                async () => issued = await Keys.IssueAsync(await Caller.GetAsync(), Agent is null ? "first trace" : $"connect {Agent}", Team, Agent is null ? null : [Agent], null, CancellationToken.None));
            if (done)
            {
                _issued = issued!.Secret;
                Write();
                await OnIssued.InvokeAsync(_issued);
            }
        }
        finally
        {
            _issuing = false;
        }
    }

    private async Task MoveAsync(string pressed)
    {
        int? to = pressed switch
        {
            "ArrowRight" => (_chosen + 1) % _ways.Count,
            "ArrowLeft" => (_chosen + _ways.Count - 1) % _ways.Count,
            "Home" => 0,
            "End" => _ways.Count - 1,
            _ => null,
        };
        if (to is { } at)
        {
            _chosen = at;
            await _tabs[at].FocusAsync();
        }
    }
}
