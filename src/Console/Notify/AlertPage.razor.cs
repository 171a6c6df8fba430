using Handrail.Access;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Notify;

/// <summary>One alert, where a message on a phone leads: what it is, and what can be done about it, under the thumb.</summary>
public sealed partial class AlertPage
{
    private AlertReading? _alert;
    private bool _missing;
    private bool _mayAnswer;
    private bool _mayStop;

    [Inject]
    public required AlertQueries Alerts { get; set; }

    [Inject]
    public required AnswerAlert Answer { get; set; }

    [Inject]
    public required PageOrders Orders { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Parameter]
    public required string Id { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Notice);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var rights = await Caller.RightsAsync(cancel);
        try
        {
            (_alert, _missing) = (await Alerts.OneAsync(rights.Caller, Id, cancel), false);
            _mayStop = rights.Over(Permission.Control, _alert.Agent);
            _mayAnswer = _mayStop || rights.Over(Permission.Decide, _alert.Agent);
        }
        catch (Refusal refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            _missing = true;
        }
    }

    private Task AcknowledgeAsync() => DoAsync("You see to it; nobody else is woken.", async () => await Answer.AcknowledgeAsync(await Caller.GetAsync(), Id, CancellationToken.None));

    private Task ResolveAsync() => DoAsync("It is over.", async () => await Answer.ResolveAsync(await Caller.GetAsync(), Id, CancellationToken.None));

    private async Task StopAsync()
    {
        if (await Orders.ToSessionAsync(_alert!.SessionId!, ControlKind.Stop))
        {
            await RefreshAsync();
        }
    }

    private async Task DoAsync(string done, Func<Task> deed)
    {
        await Deeds.TryAsync(done, deed);
        await RefreshAsync();
    }
}
