using Handrail.Access;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Sessions;

/// <summary>What to do about an agent that goes on.</summary>
public partial class NotObeyedPanel
{
    private bool _mayControl;

    [Inject]
    public required RevokeSessionKey Revoke { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Parameter, EditorRequired]
    public required UnobeyedOrder Order { get; set; }

    [Parameter, EditorRequired]
    public required string SessionId { get; set; }

    [Parameter, EditorRequired]
    public required string Agent { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    /// <summary>A key was revoked.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    private static int Within => (int)ControlQueries.AcknowledgeWithin.TotalSeconds;

    private string Word => Order.Kind switch
    {
        ControlKind.Stop => "the stop",
        ControlKind.TakeOver => "the take-over",
        _ => "the pause",
    };

    protected override async Task OnInitializedAsync() => _mayControl = (await Caller.GetAsync()).MaySomewhere(Permission.Control);

    private async Task RevokeAsync(SessionKey key)
    {
        var others = key.Agents is null ? " Every other agent of the team that uses it is cut off too." : key.Agents.Count > 1 ? $" It is also the key of {string.Join(", ", key.Agents.Where(a => a != Agent))}." : "";
        var reason = await Deeds.AskAsync(
            $"Revoke the key {key.Name}?", $"From now on nothing is taken from whoever holds it: no telemetry, no question to the gate, no claim; what is connected with it is cut off. It cannot be given back.{others}",
            "Revoke key", colour: Color.Error);
        if (reason is not null && await Deeds.TryAsync(
            $"Revoked: {key.Name}.", async () => await Revoke.HandleAsync(await Caller.GetAsync(), SessionId, key.Id, reason, CancellationToken.None)))
        {
            await Changed.InvokeAsync();
        }
    }
}
